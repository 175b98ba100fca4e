"""The first privacy notice and the texts of each consent, as the portal brings them: (English, Kiswahili)."""

NOTICE = (
    """\
## Who we are
The bank decides how and why your data are used. Our data protection officer answers you through the e-mail address \
and phone number at the foot of this page, or at any branch.

## To run your accounts
We use your name, national ID, contacts, accounts, payments, loans, policies and deposits to do what you asked us to \
do. Ground: our contract with you.

## To know who you are, and to stop crime
We use your national ID, photo, date of birth and proof of income, and look for unusual payments. Ground: the law \
(Proceeds of Crime and Anti-Money Laundering Act; Central Bank guidelines).

## To keep you safe
We keep when, where and with which device you signed in, and who of our staff looked at your data. Ground: our duty to \
protect your money and your data.

## To decide on loans
Your payments, loans and income go into a score. Where a computer alone has decided against you, you may have a person \
look at it. Ground: our contract with you; the right in section 35 of the Data Protection Act.

## For news and offers, and for partners
Only where you have said yes, for each purpose on its own. You take it back as easily as you gave it. Ground: your \
consent.

## Who else sees your data
- Those who carry out what you ask for: other banks, mobile money companies, billers, stockbrokers, the maker of cards.
- Those who carry our messages to you by SMS and e-mail.
- Credit reference bureaus, tax and law enforcement authorities, where the law says so.
Nobody buys your data from us.

## Your rights
You may ask for a copy of your data, have mistakes corrected, have data erased that we need not keep, have their use \
stopped for a time, object to a use, take your data elsewhere, and have a person look at an automatic decision. All of \
it is free, under Settings, Privacy. You may complain to the Office of the Data Protection Commissioner: \
www.odpc.go.ke.
""",
    """\
## Sisi ni nani
Benki ndiyo inayoamua jinsi na kwa nini data yako inatumika. Afisa wetu wa ulinzi wa data anakujibu kupitia barua \
pepe na nambari ya simu zilizo chini ya ukurasa huu, au kwenye tawi lolote.

## Kuendesha akaunti zako
Tunatumia jina lako, kitambulisho, mawasiliano, akaunti, malipo, mikopo, bima na amana kufanya ulichotuagiza. \
Msingi: mkataba wetu nawe.

## Kukujua, na kuzuia uhalifu
Tunatumia kitambulisho, picha, tarehe ya kuzaliwa na uthibitisho wa mapato yako, na kuangalia malipo yasiyo ya \
kawaida. Msingi: sheria (Sheria ya Mapato ya Uhalifu na Kuzuia Utakatishaji wa Pesa; miongozo ya Benki Kuu).

## Kukulinda
Tunahifadhi lini, wapi na kwa kifaa gani uliingia, na nani kati ya wafanyakazi wetu aliangalia data yako. Msingi: \
wajibu wetu wa kulinda pesa zako na data yako.

## Kuamua kuhusu mikopo
Malipo, mikopo na mapato yako huingia kwenye alama. Pale kompyuta pekee inapoamua dhidi yako, unaweza kutaka mtu \
aangalie uamuzi huo. Msingi: mkataba wetu nawe; haki iliyo kwenye kifungu cha 35 cha Sheria ya Ulinzi wa Data.

## Kwa habari na ofa, na kwa washirika
Pale tu uliposema ndiyo, kwa kila lengo peke yake. Unaondoa idhini kwa urahisi ule ule uliotumia kuitoa. Msingi: \
idhini yako.

## Nani mwingine anaona data yako
- Wanaotekeleza unachoomba: benki nyingine, kampuni za pesa kwa simu, wanaotoza bili, madalali wa hisa, mtengenezaji \
wa kadi.
- Wanaokuletea jumbe zetu kwa SMS na barua pepe.
- Taasisi za taarifa za mikopo, mamlaka ya kodi na vyombo vya sheria, pale sheria inaposema hivyo.
Hakuna anayenunua data yako kutoka kwetu.

## Haki zako
Unaweza kuomba nakala ya data yako, kurekebishiwa makosa, kufutiwa data ambayo si lazima tuihifadhi, kusimamisha \
matumizi yake kwa muda, kupinga matumizi fulani, kupeleka data yako kwingine, na kutaka mtu aangalie uamuzi wa \
kompyuta. Yote ni bure, kwenye Mipangilio, Faragha. Unaweza kulalamika kwa Ofisi ya Kamishna wa Ulinzi wa Data: \
www.odpc.go.ke.
""",
)

CONSENTS = {
    "MARKETING_EMAIL": (
        "We may send you news and offers of the bank by e-mail, at most one a week.",
        "Tunaweza kukutumia habari na ofa za benki kwa barua pepe, isiyozidi moja kwa wiki.",
    ),
    "MARKETING_SMS": (
        "We may send you news and offers of the bank by SMS, at most one a week.",
        "Tunaweza kukutumia habari na ofa za benki kwa SMS, isiyozidi moja kwa wiki.",
    ),
    "MARKETING_PHONE": (
        "We may call you about news and offers of the bank, on working days between 8 in the morning and 6 in the "
        "evening.",
        "Tunaweza kukupigia simu kuhusu habari na ofa za benki, siku za kazi kati ya saa mbili asubuhi na saa kumi na "
        "mbili jioni.",
    ),
    "OFFERS": (
        "We may look at how you use your accounts in order to show you offers that fit you. Without this we show "
        "everybody the same ones.",
        "Tunaweza kuangalia jinsi unavyotumia akaunti zako ili kukuonyesha ofa zinazokufaa. Bila idhini hii "
        "tunawaonyesha wote ofa zile zile.",
    ),
    "PARTNERS": (
        "We may give your name, phone number and e-mail address to companies of our choice that work with us, so that "
        "they can make you offers. We never give them your balances or your payments.",
        "Tunaweza kuwapa washirika wetu jina, nambari ya simu na barua pepe yako ili wakupe ofa zao. Hatuwapi kamwe "
        "salio lako wala malipo yako.",
    ),
}
