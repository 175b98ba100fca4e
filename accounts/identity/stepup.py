"""Asking again before money goes: a code bound to one instruction and its very content.

The session keeps its id: a right code approves one instruction, it adds nothing to what the session may do.
"""

from django.http import HttpRequest

from accounts import instructions
from accounts.content import content_hash
from accounts.identity import codes, contacts, simguard
from accounts.identity.actors import actor_from
from accounts.identity.factors import proving
from accounts.identity.factors.proving import Question
from accounts.models import BranchCustomer, Instruction, OneTimeCode, Way
from wekeza_portal import dates
from wekeza_portal.audit.services import record
from wekeza_portal.notifications.models import Channel
from wekeza_portal.registry import instruction_kinds

STEP_UP = OneTimeCode.Purpose.STEP_UP


def binding(instruction: Instruction) -> str:
    """Id and content as it is now: whatever changes in the instruction, an older code no longer fits."""
    return f"{instruction.id}:{content_hash(instruction)}"


def describe(instruction: Instruction) -> str:
    """What the code is for, in the active language."""
    return instruction_kinds.get(instruction.kind).describe(instruction)


def sent_code(
    instruction: Instruction, customer: BranchCustomer, language: str, wanted: Channel = Channel.SMS
) -> OneTimeCode:
    """The code that is out for this instruction, sent now if none is: looking again sends no second one."""
    return codes.live(STEP_UP, binding(instruction)) or send_code(instruction, customer, language, wanted)


def send_code(
    instruction: Instruction, customer: BranchCustomer, language: str, wanted: Channel = Channel.SMS
) -> OneTimeCode:
    """Send a new code with amount and payee in it. Raises TooMany, NumberIsNew for one by SMS, or Frozen where it could
    not be used.
    """
    instructions.refuse_if_stopped(instruction)
    if wanted == Channel.SMS and contacts.phone_of(customer):
        simguard.refuse_while_new(customer.portal_user)
    kind = instruction_kinds.get(instruction.kind)
    with dates.as_written():
        about = describe(instruction)
    return codes.issue(
        purpose=STEP_UP,
        customer=customer,
        binding=binding(instruction),
        language=language,
        wanted=wanted,
        about=about,
        pays=not (kind.is_act or kind.pays_later),
    )


def prove_code(instruction: Instruction, customer: BranchCustomer, code: str, way: Way = Way.SMS) -> None:
    """Use up what was given for this instruction. Raises WrongCode, CodeUsedUp, SwitchedOff, NumberIsNew, TooMany."""
    instructions.refuse_if_stopped(instruction)  # a backup code is not used up for what can't be done
    if way.is_sent:
        _refuse_by_new_number(instruction, customer)
    proving.prove(Question(STEP_UP, customer, binding(instruction)), way, code)


def _refuse_by_new_number(instruction: Instruction, customer: BranchCustomer) -> None:
    """A code that is out by SMS is no better than a new one once the number has changed."""
    sent = codes.live(STEP_UP, binding(instruction))
    if sent is not None and sent.customer_id == customer.user_id and sent.channel == Channel.SMS:
        simguard.refuse_while_new(customer.portal_user)


def perform(request: HttpRequest, instruction: Instruction, customer: BranchCustomer, way: Way = Way.SMS) -> None:
    """The right code was given: approve this instruction and do it. Raises the PortalError it is refused with."""
    instructions.approve(customer=customer, instruction_id=instruction.id)
    record("step_up.given", actor=actor_from(request), subject=f"instruction:{instruction.id}", data={"way": str(way)})
    is_act = instruction_kinds.get(instruction.kind).is_act
    do = instructions.carry_out if is_act else instructions.confirm
    do(customer=customer, instruction_id=instruction.id, actor=actor_from(request))
