"""Asking again before money goes: a code bound to one instruction and its very content.

The session keeps its id: a right code approves one instruction, it adds nothing to what the session may do.
"""

from django.http import HttpRequest

from accounts import instructions
from accounts.content import content_hash
from accounts.identity import codes
from accounts.identity.actors import actor_from
from accounts.models import BranchCustomer, Instruction, OneTimeCode
from wekeza_portal.notifications.models import Channel
from wekeza_portal.registry import instruction_kinds

STEP_UP = OneTimeCode.Purpose.STEP_UP


def binding(instruction: Instruction) -> str:
    """Id and content as it is now: whatever changes in the instruction, an older code no longer fits."""
    return f"{instruction.id}:{content_hash(instruction)}"


def describe(instruction: Instruction) -> str:
    """What the code is for, in the active language."""
    return instruction_kinds.get(instruction.kind).describe(instruction)


def sent_code(instruction: Instruction, customer: BranchCustomer, language: str) -> OneTimeCode:
    """The code that is out for this instruction, sent now if none is: looking again sends no second one."""
    return codes.live(STEP_UP, binding(instruction)) or send_code(instruction, customer, language)


def send_code(
    instruction: Instruction, customer: BranchCustomer, language: str, wanted: Channel = Channel.SMS
) -> OneTimeCode:
    """Send a new code with amount and payee in it. Raises TooMany, or Frozen where it could not be used."""
    instructions.refuse_if_stopped(instruction)
    return codes.issue(
        purpose=STEP_UP,
        customer=customer,
        binding=binding(instruction),
        language=language,
        wanted=wanted,
        about=describe(instruction),
        pays=not instruction_kinds.get(instruction.kind).is_act,
    )


def prove_code(instruction: Instruction, customer: BranchCustomer, code: str) -> None:
    """Use up the code. Raises WrongCode, CodeUsedUp, TooMany."""
    codes.verify(purpose=STEP_UP, customer_id=customer.user_id, binding=binding(instruction), code=code)


def perform(request: HttpRequest, instruction: Instruction, customer: BranchCustomer) -> None:
    """The right code was given: approve this instruction and do it. Raises the PortalError it is refused with."""
    instructions.approve(customer=customer, instruction_id=instruction.id)
    is_act = instruction_kinds.get(instruction.kind).is_act
    do = instructions.carry_out if is_act else instructions.confirm
    do(customer=customer, instruction_id=instruction.id, actor=actor_from(request))
