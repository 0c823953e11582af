"""Comments over several lines: what goes, and what only looks like one."""

import pytest

from jobs.checks.tamper.line_comments import without_blocks


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a /* b */ c", "a   c"),
        ("a /* b\n c */ d", "a \n d"),
        ("/*\nx\n//*/\ny", "\n\n\ny"),
        ("=begin x\na\n=end\nb", "\n\n\nb"),
        ("a\n__END__\nb\n", "a\n\n\n"),
    ],
)
def test_what_is_a_comment_goes_and_its_lines_stay(text, left):
    assert without_blocks(text) == left


@pytest.mark.parametrize(
    "text",
    [
        '"/*" "*/"',
        "'/*' '*/'",
        "`/*\n*/`",
        '"""\n/*\n*/"""',
        'r#"/*\n"*/"#',
        '"\\"/*" "*/"',
        "// a /* b\n*/",
        "# It's /* b\n*/",
        'rm $TMP/* ${TMP}/* "$TMP"/* a/*\nls */',
        "/* never closed",
        "a /* b\n=begin\n",
        "  =begin\n=end",
    ],
)
def test_what_is_no_comment_stays(text):
    assert without_blocks(text) == text


@pytest.mark.timeout(20)
def test_no_text_keeps_the_search_busy():
    for piece in ("/* x", "/* \n", "=begin\n", '"', '"""', "'", "`x"):
        text = piece * 200_001
        assert without_blocks(text) == text
