"""Plain words: what the rules are sure of, what they ask back, and what only a model may judge."""

import pytest

from ghapp.intent_rules import HIGH, Intent, NeedsModel, Ruled, classify, mentions

APPROVE = """
apruebo|Apruebo el plan|aprobado|lo apruebo|adelante|dale|hazlo|ok, adelante|sí, hazlo|perfecto, adelante por favor
vale, dale|looks good, go|LGTM, ship it|approved|Approved!|I approve|I approve this|approve it|go ahead|yes, go ahead
ok do it|yes please go ahead|great, let's go|perfect, start|looks good to me. Go ahead, thanks!|👍 go ahead|ship it 🚀
me parece bien, adelante|puedes empezar|you can start|@devtask approved|@devtask[bot], go ahead
plan aprobado, gracias|Todo bien, adelante
"""
ASKED = "looks good|LGTM|ok|yes|sí|vale|perfect|great|me parece bien|me gusta el plan|I like it|perfecto, gracias"
MODEL = """
looks good, but drop step 2|approve after you fix step 3|do not approve|don't go ahead|not approved|no apruebo
no, adelante no|go ahead?|should I approve?|¿apruebo?|I would approve if it were smaller|approved by whom
apruebo si quitas el paso 2
yes but no|go to the store|start with the tests first|ok but why|no|nope|wait|espera|why step 2|add a test for it
looks good except the name|go ahead with step 1 only|I can't approve this|never approve|approve 1-3
"""
ABORT = "abort|Abort it|cancel the task|cancel this please|aborta|cancela la tarea|aborta, por favor|cancel everything"
SOFT_ABORT = "stop|para|stop it|deten la tarea"
SILENT = "thanks|Thank you!|gracias|👍|...|!!!|muchas gracias, equipo|cool, thanks"


def lines(text):
    return [part for line in text.strip().split("\n") for part in line.split("|")]


def read(body, plan_waits=True):
    return classify(body, bot="devtask", plan_waits=plan_waits)


@pytest.mark.parametrize("body", lines(APPROVE))
def test_clear_words_of_approval_are_sure(body):
    found = read(body)
    assert isinstance(found, Ruled) and found.intent is Intent.PLAN_APPROVE and found.confidence >= HIGH


@pytest.mark.parametrize("body", lines(ASKED))
def test_liking_the_plan_is_asked_back(body):
    found = read(body)
    assert isinstance(found, Ruled) and found.intent is Intent.PLAN_APPROVE and found.confidence < HIGH


@pytest.mark.parametrize("body", lines(MODEL))
def test_everything_with_a_condition_a_no_or_a_question_is_for_the_model(body):
    assert isinstance(read(body), NeedsModel)


@pytest.mark.parametrize("body", lines(APPROVE + "|" + ASKED))
def test_nothing_is_approved_while_no_plan_waits(body):
    found = read(body, plan_waits=False)
    assert not (isinstance(found, Ruled) and found.intent is Intent.PLAN_APPROVE)


@pytest.mark.parametrize("body", lines(ABORT))
def test_clear_words_of_abort_are_sure(body):
    found = read(body)
    assert isinstance(found, Ruled) and found.intent is Intent.TASK_ABORT and found.confidence >= HIGH


@pytest.mark.parametrize("body", lines(SOFT_ABORT))
def test_a_mere_stop_is_asked_back(body):
    found = read(body)
    assert isinstance(found, Ruled) and found.intent is Intent.TASK_ABORT and found.confidence < HIGH


@pytest.mark.parametrize("body", lines(SILENT))
def test_thanks_and_pictures_are_answered_with_silence(body):
    assert read(body) == Ruled(Intent.UNRELATED, read(body).confidence, read(body).text)


@pytest.mark.parametrize(
    ("body", "intent"),
    [
        ("@devtask list my tasks", Intent.TASK_LIST),
        ("@devtask muestra las tareas abiertas", Intent.TASK_LIST),
        ("@devtask continue", Intent.TASK_CONTINUE),
        ("@devtask reanuda la tarea", Intent.TASK_CONTINUE),
    ],
)
def test_other_clear_wishes(body, intent):
    found = read(body, plan_waits=False)
    assert isinstance(found, Ruled) and found.intent is intent


def test_quoted_words_and_code_are_not_the_writers():
    assert isinstance(read("> approved\n\nwhy step 2"), NeedsModel)
    assert read("> approved").intent is Intent.UNRELATED
    assert read("`approved`").intent is Intent.UNRELATED
    assert read("<!-- approved -->thanks").intent is Intent.UNRELATED


@pytest.mark.parametrize(
    ("body", "mentioned"),
    [
        ("@devtask hi", True),
        ("hi @DevTask, go", True),
        ("hi @devtask[bot]", True),
        ("(@devtask)", True),
        ("@devtasks hi", False),
        ("@devtask-bot hi", False),
        ("me@devtask.example", False),
        ("`@devtask`", False),
        ("> @devtask hi", False),
        ("<!-- @devtask -->", False),
        ("x/@devtask", False),
    ],
)
def test_a_mention_counts_in_own_words_only(body, mentioned):
    assert mentions(body, "devtask") == mentioned


def test_a_model_gets_the_words_without_mention_and_quotes():
    assert read("@devtask, can you add a search?\n\n> old") == NeedsModel("can you add a search?")
