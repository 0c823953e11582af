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
