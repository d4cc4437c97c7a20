"""Users' files for the command to be run on."""

#: A question and an answer over one connection. Nothing can go wrong, and there is no bound to hit.
ECHO = '''\
"""An echo service."""

from switchover import *


class Ask(Message):
    pass


class Answered(Message):
    pass


class Client(Actor):
    server = Port(receives=(Answered,), sends=(Ask,))

    idle = State(initial=True)
    waiting = State()

    ask = Decision(idle.to(waiting))
    answered = waiting.to(idle)
    # give up

    def on_ask(self):
        self.server.send(Ask())


class Server(Actor):
    client = Port(receives=(Ask,), sends=(Answered,))

    ready = State(initial=True)

    ask = ready.to(ready)

    def on_ask(self):
        self.client.send(Answered())


@never
def two_answers(wire):
    """there are never two answers under way"""
    return len(wire.to_first) > 1


@sometimes
def asks(client):
    """the client asks at some time"""
    return client.is_in("waiting")


def echo() -> System:
    return System(
        "echo",
        {"client": Client(), "server": Server()},
        (Connection("wire", "client.server", "server.client", established=True),),
        properties=(two_answers, asks),
    )
'''

#: The client may give up, ask again, and be surprised by the first answer.
IMPATIENT = ECHO.replace("    # give up", "    give_up = Decision(waiting.to(idle))")

#: Questions pile up until the queue is full.
HASTY = ECHO.replace("    # give up", "    again = Decision(waiting.to(waiting, on='on_ask'))").replace(
    "answered = waiting.to(idle)", "answered = waiting.to(idle) | idle.to(None)"
)

#: A family of two designs, with a claim of each kind about them.
FAMILY = (
    IMPATIENT.replace("class Client(Actor):", "class Impatient(Actor):").replace("Client()", "client()")
    + """

class Patient(Actor):
    server = Port(receives=(Answered,), sends=(Ask,))

    idle = State(initial=True)
    waiting = State()

    ask = Decision(idle.to(waiting))
    answered = waiting.to(idle)

    def on_ask(self):
        self.server.send(Ask())


@dataclass(frozen=True)
class Variant:
    design: str = "patient"
    rounds: tuple[int, ...] = (1, 2)


def make(client, design):
    return System(
        design,
        {"client": client(), "server": Server()},
        (Connection("wire", "client.server", "server.client", established=True),),
        properties=(two_answers,),
        variant=Variant(design),
    )


def patient():
    return make(Patient, "patient")


def impatient():
    return make(Impatient, "impatient")


family = Family(
    "test.echo",
    "An echo service",
    {"patient": patient, "impatient": impatient},
    (
        Claim(
            "E01",
            "here",
            "two answers are never under way at once",
            (
                Case("patient", patient, two_answers, Answer.HOLDS),
                Case("impatient", impatient, two_answers, Answer.VIOLATED, why="the client gives up"),
                Case("give up", impatient, two_answers, Answer.VIOLATED, role="mutation"),
            ),
        ),
        Claim("E02", "here", "it comes soon", (Case("patient", patient, asks, Answer.REGION, needs="symbolic"),)),
        Claim("E03", "here", "no surprise", (Case("patient", patient, "no_unexpected_message", Answer.HOLDS),)),
    ),
)
"""
)
FAMILY = FAMILY.replace("from switchover import *", "from dataclasses import dataclass\n\nfrom switchover import *")
FAMILY = FAMILY[: FAMILY.index("def echo()")] + FAMILY[FAMILY.index("class Patient") :]

#: More states than any test waits for: the rounds are counted without end.
ENDLESS = ECHO.replace(
    "    server = Port(receives=(Answered,)", "    rounds: int = variable(0)\n\n    server = Port(receives=(Answered,)"
).replace("        self.server.send(Ask())", "        self.rounds += 1\n        self.server.send(Ask())")

#: A family with times: an answer takes ``d`` ms, and the client waits for it for ``limit`` ms.
TIMED = '''"""A patient client, timed."""

from switchover import *
from switchover.models.language.losses import LossSeries, LossTable


class Answered(Message):
    """The answer."""


class Client(Actor):
    server = Port(receives=(Answered,))

    waiting = State(initial=True)
    done = State()
    late = State()
    end_states = ("done", "late")

    answered = waiting.to(done) | stay(late)
    give_up = Timer(waiting.to(late) | stay(done))


class Server(Actor):
    client = Port(sends=(Answered,))

    ready = State(initial=True)
    start = Timer(stay(ready))

    def on_start(self):
        self.client.send(Answered())


@never
def gives_up(client):
    """The client gives up before the answer comes."""
    return client.is_in("late")


def waiting(*, d, limit):
    wire = Connection("wire", "client.server", "server.client", established=True)
    return System(
        "waiting",
        {"client": Client(armed={"give_up": limit}), "server": Server(armed={"start": 0})},
        (wire,),
        timing=Timing(latencies={"wire": Latency.exactly(d)}),
    )


def typical() -> System:
    return waiting(d=10, limit=20)


OVER = Open(
    (
        Quantity("d", "how long the answer takes", low=0, typical=30),
        Quantity("limit", "how long the client waits", low=0, typical=20),
    ),
    stated=lambda d, limit: d >= limit,
)
PLOT = LossTable("Patience", OVER.quantities[0], (LossSeries("patient", ((0, 0), (100, 100))),))

family = Family(
    "test.waiting",
    "A service that is waited for",
    {"typical": typical},
    (
        Claim("T01", "here", "who waits too briefly gives up", (
            Case("patient", waiting, gives_up, Answer.REGION, needs="symbolic", over=OVER),
            Case("as long as it takes", waiting, gives_up, Answer.HOLDS, "repair", "symbolic",
                 over=Open(OVER.quantities, lambda d, limit: (d < limit,))),
        )),
        Claim("T02", "here", "no surprise", (
            Case("patient", waiting, "no_unexpected_message", Answer.HOLDS, needs="symbolic", over=OVER),
        )),
    ),
    plots={"patience": lambda: PLOT},
)
'''
