"""The first terms of online banking, as the portal brings them. The bank replaces them by a new version in admin.

A line that begins with "## " is a heading, one that begins with "- " a point of a list, all else a paragraph.
"""

ENGLISH = """\
## Who this is between
These terms are between you, a personal customer of the bank, and the bank. They are about this website. What you \
agreed to when you opened an account, took a loan or took out a policy still holds; where the two differ about this \
website, these terms hold.

## Signing in
- You sign in with a password that only you know and a second proof that it is you, such as a code.
- Never give your password or a code to anybody, not to us either. We never ask for them.
- Tell us at once when your phone is lost, when somebody else may know your password, or when you see something that \
you did not do. You can also stop everything yourself, at any hour, from any phone or computer.

## What you ask us to do
- Before money moves we show you to whom it goes, how much, the fee, the total and what is left. What you then confirm \
is your order, and we carry it out once.
- A payment that has reached somebody else can't be called back without them. Check the name before you confirm.
- For your protection we may ask you a question, ask for a code, make you wait or refuse, and we say so.

## Fees and limits
- The fees in force stand on the fees page, and the fee of a payment is shown before you confirm it.
- There are limits for a day and a month. You can lower your own at once.
- A change of our fees is announced here before it begins.

## When something goes wrong
- Money that left your account without your order and without your carelessness, we give back.
- Tell us of a payment that is wrong as soon as you see it. We give you a reference and an answer.
- We may have to close the website for a short time for repairs. Branches and the phone line help you meanwhile.

## Your data
How we use your data stands in the privacy notice. We use them for news and offers, or share them with partners, only \
where you have said yes, and you can take that back at any time in your settings.

## When these terms change
We show you the new terms with what has changed, and ask you to accept them when you next sign in. Until you accept \
you can't use the website, but your accounts stay as they are and the branches serve you.

## Ending this
You may stop using the website at any time and ask us to close your online access. We may close it where it is misused \
or where the law makes us, and tell you why unless the law forbids it.

## Complaints and law
Complain to us first: by phone, by e-mail or at a branch. If you are not content with our answer you may go to the \
Central Bank of Kenya, and about your data to the Office of the Data Protection Commissioner. The law of Kenya applies.
"""

KISWAHILI = """\
## Makubaliano haya ni kati ya nani
Masharti haya ni kati yako, mteja binafsi wa benki, na benki. Yanahusu tovuti hii. Uliyokubali ulipofungua akaunti, \
ulipochukua mkopo au bima bado yanatumika; yakitofautiana na haya kuhusu tovuti hii, masharti haya ndiyo yanayotumika.

## Kuingia
- Unaingia kwa nenosiri unalolijua wewe pekee na uthibitisho wa pili kwamba ni wewe, kama vile msimbo.
- Usimpe mtu yeyote nenosiri lako wala msimbo, hata sisi. Hatuombi kamwe.
- Tuambie mara moja simu yako inapopotea, mtu mwingine anapoweza kuwa anajua nenosiri lako, au unapoona kitu \
ambacho hukufanya. Unaweza pia kusimamisha kila kitu mwenyewe, saa yoyote, kwa simu au kompyuta yoyote.

## Unachotuagiza kufanya
- Kabla ya pesa kuondoka tunakuonyesha zinaenda kwa nani, kiasi gani, ada, jumla na kitakachobaki. Ukithibitisha, \
hiyo ni amri yako, nasi tunaitekeleza mara moja tu.
- Malipo yaliyomfikia mtu mwingine hayawezi kurudishwa bila yeye. Angalia jina kabla ya kuthibitisha.
- Kwa usalama wako tunaweza kukuuliza swali, kuomba msimbo, kukusubirisha au kukataa, nasi tunakuambia.

## Ada na vikomo
- Ada zinazotumika ziko kwenye ukurasa wa ada, na ada ya malipo huonyeshwa kabla hujathibitisha.
- Kuna vikomo vya siku na vya mwezi. Unaweza kupunguza vyako mara moja.
- Ada zikibadilika, tunatangaza hapa kabla hazijaanza.

## Mambo yakienda vibaya
- Pesa zilizotoka kwenye akaunti yako bila amri yako na bila uzembe wako, tunakurudishia.
- Tuambie kuhusu malipo yenye makosa mara tu unapoyaona. Tunakupa kumbukumbu na jibu.
- Huenda tukafunga tovuti kwa muda mfupi ili kuirekebisha. Wakati huo matawi na simu yetu yanakusaidia.

## Data yako
Jinsi tunavyotumia data yako imeelezwa kwenye ilani ya faragha. Tunaitumia kwa habari na ofa, au kuishiriki na \
washirika, pale tu uliposema ndiyo, na unaweza kuondoa idhini wakati wowote kwenye mipangilio yako.

## Masharti haya yakibadilika
Tunakuonyesha masharti mapya pamoja na kilichobadilika, na kukuomba uyakubali utakapoingia tena. Kabla hujakubali \
huwezi kutumia tovuti, lakini akaunti zako zinabaki kama zilivyo na matawi yanakuhudumia.

## Kusitisha
Unaweza kuacha kutumia tovuti wakati wowote na kutuomba tufunge huduma yako ya mtandaoni. Tunaweza kuifunga \
inapotumiwa vibaya au sheria inapotulazimisha, nasi tunakuambia sababu isipokuwa sheria ikikataza.

## Malalamiko na sheria
Lalamika kwetu kwanza: kwa simu, barua pepe au kwenye tawi. Usiporidhika na jibu letu unaweza kwenda Benki Kuu ya \
Kenya, na kuhusu data yako kwenye Ofisi ya Kamishna wa Ulinzi wa Data. Sheria ya Kenya inatumika.
"""
