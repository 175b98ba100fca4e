"""What the staff see of transfers: payments out, the directory, tariffs, pauses, standing orders; who may do what."""

from django.utils.translation import gettext_lazy as _

from transfers.staff import boards, directory, directory_boards, ends, pauses, standing, story, tariffs
from wekeza_portal.registry import money_trails
from wekeza_portal.staff import roles
from wekeza_portal.staff.site import portal_admin

SEE, SEE_DIRECTORY, SEE_FEES = "transfers.view_payment", "transfers.view_biller", "transfers.view_tellerfee"

add = portal_admin.add_board
add("payments_out", "payments/", boards.unconfirmed, _("Payments out that are not confirmed"), SEE)
add("payment_out", "payments/<uuid:payment_id>/", boards.payment, _("Payment out of the bank"), SEE)
add("payment_ask", "payments/<uuid:payment_id>/ask/", boards.enquire, _("Ask now"), boards.ENQUIRE)
add("payment_end", "payments/<uuid:payment_id>/<str:end>/", boards.propose_end, _("Propose"), ends.PROPOSE)
add("suspense", "suspense/", boards.passing, _("Money on its way"), SEE)
add("rails", "rails/", boards.rails_now, _("Rails"), SEE)
add("directory", "directory/", directory_boards.whole_directory, _("Whom customers can pay"), SEE_DIRECTORY)
add(
    "directory_propose",
    "directory/<str:name>/<str:key>/",
    directory_boards.propose_entry,
    _("Propose a change"),
    directory.PROPOSE,
)
add("fees_beside", "fees/", directory_boards.compare_fees, _("Our fees beside the teller's"), SEE_FEES)
add(
    "tariff_propose",
    "fees/propose/",
    directory_boards.propose_tariff,
    _("Propose a tariff"),
    tariffs.PROPOSE,
    is_linked=False,
)
portal_admin.add_panel(7, _("Payments out of the bank"), SEE, boards.lines)
money_trails.register("outside", story.TRAIL)
for module in (ends, directory, tariffs, pauses, standing):
    module.register()

roles.grant_all(SEE, SEE_DIRECTORY, SEE_FEES)
roles.grant(roles.SUPPORT, boards.ENQUIRE)
roles.grant(roles.OPERATIONS, boards.ENQUIRE, ends.PROPOSE, ends.APPROVE, directory.PROPOSE, directory.APPROVE)
roles.grant(roles.OPERATIONS, tariffs.PROPOSE)
roles.grant(roles.RISK, boards.ENQUIRE, ends.APPROVE, directory.APPROVE, tariffs.PROPOSE, tariffs.APPROVE)
