"""Snippets for the static checks: bad ones name the rule that has to find them; good ones look alike and are right."""

PY = "shop.py"
JS = "shop.js"

SECURITY = [
    # Python, bad
    (PY, "eval", "def run(text):\n    return eval(text)\n"),
    (PY, "eval", "import builtins\n\ndef run(text):\n    return builtins.eval(text, {})\n"),
    (PY, "exec", "def run(text):\n    exec(text)\n"),
    (PY, "exec", "def run(name):\n    exec(f'import {name}')\n"),
    (PY, "pickle", "import pickle\n\ndef read(data):\n    return pickle.loads(data)\n"),
    (PY, "pickle", "from pickle import load as get\n\ndef read(file):\n    return get(file)\n"),
    (PY, "pickle", "import dill as d\n\ndef read(data):\n    return d.loads(data)\n"),
    (PY, "sql", 'def get(db, id):\n    return db.execute(f"SELECT * FROM users WHERE id = {id}")\n'),
    (PY, "sql", "def get(db, id):\n    return db.execute(\"SELECT * FROM users WHERE id = '%s'\" % id)\n"),
    (PY, "sql", 'def get(db, id):\n    return db.execute("SELECT * FROM users WHERE id = " + id)\n'),
    (PY, "sql", 'def get(db, id):\n    return db.execute("SELECT * FROM users WHERE id = {}".format(id))\n'),
    (PY, "sql", 'def get(db, id):\n    query = f"DELETE FROM users WHERE id = {id}"\n    db.execute(query)\n'),
    (
        PY,
        "sql",
        'from sqlalchemy import text\n\ndef get(db, n):\n    return db.scalar(text(f"select a from b where n={n}"))\n',
    ),
    (PY, "sql", 'def get(db, t):\n    return db.cursor().execute(f"""\n        UPDATE stock SET n = {t}\n    """)\n'),
    (PY, "sql", "def get(db, table):\n    return db.execute('SELECT * FROM %s' % table)\n"),
    # Python, good
    (PY, "", "import ast\n\ndef run(text):\n    return ast.literal_eval(text)\n"),
    (PY, "", "def run(model):\n    model.eval()\n    return eval('1 + 1')\n"),
    (PY, "", "def eval(text):\n    return text\n\ndef run(text):\n    return eval(text)\n"),
    (PY, "", "from sqlmodel import select\n\ndef run(session, User):\n    return session.exec(select(User)).all()\n"),
    (PY, "", "import pickle\n\ndef copy(value):\n    return pickle.loads(pickle.dumps(value))\n"),
    (PY, "", "import json\n\ndef read(data):\n    return json.loads(data)\n"),
    (PY, "", 'def get(db, id):\n    return db.execute("SELECT * FROM users WHERE id = ?", (id,))\n'),
    (PY, "", 'def get(db, id):\n    return db.execute("SELECT * FROM users WHERE id = %s", (id,))\n'),
    (
        PY,
        "",
        'TABLE = "users"\n\ndef get(db, id):\n    return db.execute(f"SELECT * FROM {TABLE} WHERE id = ?", (id,))\n',
    ),
    (
        PY,
        "",
        'def get(db, ids):\n    marks = ",".join("?" for _ in ids)\n'
        '    return db.execute(f"SELECT * FROM users WHERE id IN ({marks})", ids)\n',
    ),
    (
        PY,
        "",
        'def get(db, ids):\n    marks = ", ".join(["%s"] * len(ids))\n'
        '    return db.execute("SELECT * FROM users WHERE id IN (" + marks + ")", ids)\n',
    ),
    (PY, "", 'def get(self, id):\n    return self.db.execute(f"SELECT * FROM {self.table} WHERE id = ?", (id,))\n'),
    (PY, "", "def get(db, up):\n    return db.execute(f\"SELECT a FROM b ORDER BY a {'ASC' if up else 'DESC'}\")\n"),
    (PY, "", 'def say(chat, name):\n    chat.execute(f"greet {name} from me")\n'),
    (PY, "", 'def run(pool, job):\n    return pool.execute(f"job-{job}")\n'),
    (PY, "", "def broken(:\n    eval(x)\n"),
    # JavaScript, bad
    (JS, "eval", "export function run(code) { return eval(code); }\n"),
    (JS, "eval", "const run = (code) => window.eval(`(${code})`);\n"),
    (JS, "function-constructor", "const make = (body) => new Function('a', body);\n"),
    (JS, "shell", "const { exec } = require('child_process');\nexport const ls = (dir) => exec(`ls ${dir}`);\n"),
    (
        JS,
        "shell",
        "import * as cp from 'node:child_process';\nexport const rm = (dir) => cp.execSync('rm -r ' + dir);\n",
    ),
    (
        JS,
        "shell",
        "import { exec } from 'child_process';\nimport { promisify } from 'util';\nconst run = promisify(exec);\n"
        "export const ls = (dir) => run(`ls ${dir}`);\n",
    ),
    (JS, "sql", "export const get = (db, id) => db.query(`SELECT * FROM users WHERE id = ${id}`);\n"),
    (JS, "sql", "export const get = (db, id) => db.query('SELECT * FROM users WHERE id = ' + id);\n"),
    (
        JS,
        "sql",
        "function get(db, id) {\n  const q = `DELETE FROM users WHERE id = '${id}'`;\n  return db.run(q);\n}\n",
    ),
    (JS, "html", "export function show(el, name) { el.innerHTML = `<b>${name}</b>`; }\n"),
    (JS, "html", "export function show(el, html) { el.insertAdjacentHTML('beforeend', html); }\n"),
    ("shop.tsx", "html", "export const A = (p: { h: string }) => <div dangerouslySetInnerHTML={{ __html: p.h }} />;\n"),
    ("shop.ts", "sql", "export const get = (db: Db, id: string) => db.query<Row>(`select * from a where id=${id}`);\n"),
    # JavaScript, good
    (JS, "", "export const run = (model) => model.evaluate();\n"),
    (JS, "", "const found = /a(b)/.exec(`x${y}`);\n"),
    (JS, "", "const { execFile } = require('child_process');\nexport const ls = (dir) => execFile('ls', [dir]);\n"),
    (
        JS,
        "",
        "const { execSync } = require('child_process');\nexport const head = () => execSync('git rev-parse HEAD');\n",
    ),
    (JS, "", "export const get = (db, id) => db.query('SELECT * FROM users WHERE id = $1', [id]);\n"),
    (JS, "", "export const get = (sql, id) => sql`SELECT * FROM users WHERE id = ${id}`;\n"),
    (
        JS,
        "",
        "function get(db, ids) {\n  const marks = ids.map(() => '?').join(', ');\n"
        "  return db.query(`SELECT * FROM users WHERE id IN (${marks})`, ids);\n}\n",
    ),
    (JS, "", "const T = 'users';\nexport const all = (db) => db.query(`SELECT * FROM ${T}`);\n"),
    (JS, "", "class R { all() { return this.db.query(`SELECT * FROM ${this.table} WHERE id = ?`, [1]); } }\n"),
    (JS, "", "export function clear(el) { el.innerHTML = ''; el.innerHTML = '<b>ready</b>'; }\n"),
    (JS, "", "export function show(el, name) { el.innerHTML = `<b>${escapeHtml(name)}</b>`; }\n"),
    (JS, "", "export function show(el, name) { el.textContent = name; }\n"),
    ("shop.jsx", "", "const A = (p) => <div dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(p.h) }} />;\n"),
]

CONFLICTS = [
    ("a.py", "conflict", "a = 1\n<<<<<<< HEAD\nb = 1\n=======\nb = 2\n>>>>>>> other\n"),
    ("a.txt", "conflict", "<<<<<<< ours\n||||||| base\nx\n=======\ny\n>>>>>>> theirs\n"),
    ("crlf.txt", "conflict", "<<<<<<< ours\r\nx\r\n=======\r\ny\r\n>>>>>>> theirs\r\n"),
    ("a.md", "", "# Merging\n\n```\n<<<<<<< ours\nx\n=======\ny\n>>>>>>> theirs\n```\n"),
    ("a.rst", "", "Title\n=======\n\ntext\n"),
    ("a.py", "", 'HELP = """\n  <<<<<<< ours\n  =======\n  >>>>>>> theirs\n"""\n'),
    ("a.txt", "", "<<<<<<< never closed\n"),
    ("a.sh", "", "cat <<<<<<<EOF\n=======\n"),
]

DEBUG = [
    (PY, "print", "def total(x):\n    print(x)\n    return x\n"),
    (PY, "debugger", "def total(x):\n    breakpoint()\n    return x\n"),
    (PY, "debugger", "def total(x):\n    import pdb; pdb.set_trace()\n"),
    (PY, "debugger", "from ipdb import set_trace\n"),
    (PY, "mark", "def total(x):\n    return x  # TODO: round\n"),
    (PY, "", "import sys\n\ndef warn(x):\n    print(x, file=sys.stderr)\n"),
    (PY, "", "def main():\n    print(1)\n\nif __name__ == '__main__':\n    main()\n"),
    ("src/shop/__main__.py", "", "print('hello')\n"),
    ("scripts/build.py", "", "print('built')\n"),
    ("tests/test_a.py", "", "def test_a():\n    print('seen')\n"),
    (PY, "", "import click\n\ndef show(x):\n    print(x)\n"),
    (PY, "", 'TEXT = "# TODO: not a comment"\n'),
    (PY, "", "# todos are listed elsewhere\nTODOS = []\n"),
    (PY, "", "class Doc:\n    def render(self):\n        self.print(1)\n"),
    (JS, "print", "export function total(x) { console.log(x); return x; }\n"),
    (JS, "debugger", "export function total(x) { debugger; return x; }\n"),
    (JS, "mark", "/*\n * FIXME: round\n */\nexport const total = (x) => x;\n"),
    (JS, "", "export function warn(x) { console.error(x); logger.log(x); }\n"),
    ("bin/tool.js", "", "console.log('usage: tool');\n"),
    ("test/a.test.js", "", "console.log('seen');\n"),
    (JS, "", "export const text = '// TODO: not a comment';\n"),
]

SILENCED = [
    (PY, "silenced", "x = f()  # type: ignore[no-any-return]\n"),
    (PY, "silenced", "import os  # noqa: F401\n"),
    (PY, "silenced", "# ruff: noqa\nimport os\n"),
    (PY, "silenced", "# mypy: ignore-errors\nX = 1\n"),
    (PY, "silenced", "eval(text)  # nosec\n"),
    (PY, "silenced", "if DEBUG:  # pragma: no cover\n    pass\n"),
    (PY, "silenced", "# pylint: disable=all\nX = 1\n"),
    (PY, "silenced", "x = 1  # pyright: ignore\n"),
    (PY, "", "# types are ignored here, no quality asked\nX = 1\n"),
    (PY, "", 'TEXT = "# noqa"\n'),
    (PY, "", "# mypy: strict\nX = 1\n"),
    (JS, "silenced", "// eslint-disable-next-line no-undef\nexport const a = b;\n"),
    (JS, "silenced", "/* eslint-disable */\nexport const a = 1;\n"),
    (JS, "silenced", "// @ts-ignore\nexport const a = b;\n"),
    (JS, "silenced", "/* istanbul ignore next */\nexport const a = 1;\n"),
    (JS, "", "// eslint is happy with this\nexport const a = '@ts-ignore';\n"),
]

PERFORMANCE = [
    (PY, "query-in-loop", "def get(db, ids):\n    for id in ids:\n        db.execute('select 1 where a = ?', (id,))\n"),
    (PY, "query-in-loop", "def get(self, ids):\n    while ids:\n        self.session.scalar(ids.pop())\n"),
    (PY, "regex-in-loop", "import re\n\ndef f(lines):\n    for line in lines:\n        re.compile('a+').match(line)\n"),
    (
        PY,
        "list-search",
        "def f(xs):\n    seen = []\n    for x in xs:\n        if x not in seen:\n            seen.append(x)\n",
    ),
    (PY, "insert-in-front", "def f(xs):\n    out = []\n    for x in xs:\n        out.insert(0, x)\n    return out\n"),
    (PY, "", "def f(xs):\n    seen = set()\n    for x in xs:\n        if x not in seen:\n            seen.add(x)\n"),
    (PY, "", "def f(xs):\n    return [x for x in xs if x in ['a', 'b']]\n"),
    (PY, "", "def f(xs):\n    for x in xs:\n        if x in ('a', 'b'):\n            pass\n"),
    (PY, "", "def get(db, ids):\n    db.executemany('insert into a values (?)', ids)\n"),
    (PY, "", "def get(db, ids):\n    for row in db.execute('select 1'):\n        yield row\n"),
    (PY, "", "def f(pool, xs):\n    for x in xs:\n        pool.execute(x)\n"),
    (PY, "", "import re\n\ndef f(words):\n    for word in words:\n        re.compile(word)\n"),
    (
        PY,
        "",
        "def f(xs):\n    for x in xs:\n        def g(db):\n            db.execute('select 1')\n        yield g\n",
    ),
    (
        JS,
        "query-in-loop",
        "async function f(db, ids) { for (const id of ids) { await db.query('select 1', [id]); } }\n",
    ),
    (
        JS,
        "query-in-loop",
        "async function f(U, ids) { let i = 0; while (i < 9) { i++; await U.findOne({ id: i }); } }\n",
    ),
    (JS, "regex-in-loop", "function f(ls) { for (const l of ls) { if (new RegExp('a+').test(l)) return l; } }\n"),
    (JS, "", "async function f(db, ids) { await db.query('select 1', [ids]); for (const id of ids) { use(id); } }\n"),
    (JS, "", "async function f(ids) { for (const id of ids) { await save(id); } }\n"),
    (JS, "", "async function f(db) { for (const row of await db.query('select 1')) { use(row); } }\n"),
]

PLAIN = "def f(x):\n" + "".join(f"    if x == {n}:\n        return {n}\n" for n in range(9))
COMPLEX = PLAIN + "    for y in x:\n        pass\n"
JS_PLAIN = "function f(x) {\n" + "".join(f"  if (x === {n}) return {n};\n" for n in range(9)) + "  return 0;\n}\n"
COMPLEXITY = [
    (PY, "", PLAIN),
    (PY, "complexity", COMPLEX),
    (PY, "complexity", "class A:\n" + "".join(f"    {line}\n" for line in COMPLEX.splitlines())),
    (PY, "", "def f(a, b):\n    return " + " and ".join(["a or b"] * 20) + "\n"),
    (PY, "", "def f(:\n"),
    (JS, "", JS_PLAIN),
    (JS, "complexity", JS_PLAIN.replace("  return 0;\n}", "  return x && x.a ? 1 : 0;\n}")),
    (JS, "", "function g() {\n" + JS_PLAIN + JS_PLAIN.replace("f(x)", "h(x)") + "}\n"),
]
