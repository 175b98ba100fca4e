"""What the staff see of transfers: payments out, the directory, tariffs, pauses, standing orders; who may do what."""

from django.utils.translation import gettext_lazy as _

from transfers.staff import (
    boards,
    directory,
    directory_boards,
    ends,
    incoming,
    incoming_boards,
    incoming_trail,
    pauses,
    standing,
    story,
    tariffs,
)
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
add("money_in", "money-in/", incoming_boards.board, _("Money that came in"), incoming_boards.SEE)
add("money_in_one", "money-in/<uuid:incoming_id>/", incoming_boards.money, _("Money"), incoming_boards.SEE)
add(
    "money_in_propose",
    "money-in/<uuid:incoming_id>/<str:end>/",
    incoming_boards.propose_money,
    _("Propose"),
    incoming.PROPOSE,
)
add("deposit_in", "deposits/<uuid:deposit_id>/", incoming_boards.deposit, _("Deposit"), incoming_boards.SEE)
add("deposit_ask", "deposits/<uuid:deposit_id>/ask/", incoming_boards.ask, _("Ask now"), incoming_boards.ENQUIRE)
add(
    "deposit_propose",
    "deposits/<uuid:deposit_id>/<str:end>/",
    incoming_boards.propose_deposit,
    _("Propose"),
    incoming.PROPOSE,
)
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
portal_admin.add_panel(8, _("Money that came in"), incoming_boards.SEE, incoming_boards.lines)
money_trails.register("outside", story.TRAIL)
money_trails.register("money-in", incoming_trail.TRAIL)
for module in (ends, incoming, directory, tariffs, pauses, standing):
    module.register()

roles.grant_all(SEE, SEE_DIRECTORY, SEE_FEES, incoming_boards.SEE)
roles.grant(roles.SUPPORT, boards.ENQUIRE, incoming_boards.ENQUIRE)
roles.grant(roles.OPERATIONS, incoming_boards.ENQUIRE, incoming.PROPOSE, incoming.APPROVE)
roles.grant(roles.RISK, incoming_boards.ENQUIRE, incoming.APPROVE)
roles.grant(roles.OPERATIONS, boards.ENQUIRE, ends.PROPOSE, ends.APPROVE, directory.PROPOSE, directory.APPROVE)
roles.grant(roles.OPERATIONS, tariffs.PROPOSE)
roles.grant(roles.RISK, boards.ENQUIRE, ends.APPROVE, directory.APPROVE, tariffs.PROPOSE, tariffs.APPROVE)
