"""A customer, a member of staff, and a look between them."""

from dataclasses import dataclass

from django.test import Client

from accounts import instructions
from accounts.models import BranchCustomer, SupportLook, SupportView, User
from accounts.supporting import services
from tests.pages import Scene
from tests.support import sign_in
from wekeza_portal.actors import Actor
from wekeza_portal.staff.tests.scenes import signed_in, staff

STAFF = Actor(kind="staff", id="7")
WHY = "You asked where a payment to KPLC is"


@dataclass
class Two:
    """Both sides, each with a browser."""

    scene: Scene
    me: BranchCustomer
    inside: Client
    helper: User
    board: Client

    @classmethod
    def meet(cls) -> "Two":
        scene = Scene.set_up()
        SupportLook.objects.all().delete()
        SupportView.objects.all().delete()
        assert scene.user.customer is not None
        inside, helper = Client(), staff("support", code="SUPPORT777")
        sign_in(inside, scene.user)
        return cls(scene, scene.user.customer, inside, helper, signed_in(helper))

    def actor(self) -> Actor:
        return Actor(kind="customer", id=str(self.scene.user.pk), customer_id=self.me.user_id)

    def ask(self) -> SupportView:
        return services.ask(
            self.me,
            staff_id=self.helper.pk,
            staff_code=self.helper.username,
            department="SUPPORT",
            why=WHY,
            actor=STAFF,
        )

    def agree(self, view: SupportView) -> SupportView:
        """As the right code does it."""
        draft = services.prepare(self.me, view)
        instructions.approve(customer=self.me, instruction_id=draft.id)
        instructions.carry_out(customer=self.me, instruction_id=draft.id, actor=self.actor())
        view.refresh_from_db()
        return view

    def running(self) -> SupportView:
        return self.agree(self.ask())

    def at(self, view: SupportView, address: str = "") -> str:
        return f"/admin/boards/support-views/{view.pk}/at/{address.removeprefix('/')}"
