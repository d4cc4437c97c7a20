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
