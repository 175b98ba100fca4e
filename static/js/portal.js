// The portal works without this file. It only makes some things quicker or kinder. No markup is built from text.
import { focusRefusals, guardDoubleSubmit, revealPasswords, waitBeforeResending } from "./forms.js";
import { watchIdleness } from "./idle.js";
import { hideAmounts } from "./amounts.js";
import { countData } from "./data.js";
import { copyButtons } from "./copy.js";
import { printButtons } from "./print.js";
import { shareButtons } from "./share.js";
import { showChosenFiles } from "./uploads.js";
import { readWhenOpened } from "./inbox.js";
import { fillWithOne, guessNetwork, watchPayment } from "./payments.js";

focusRefusals();
guardDoubleSubmit();
revealPasswords();
waitBeforeResending();
copyButtons();
printButtons();
shareButtons();
showChosenFiles();
hideAmounts();
countData();
readWhenOpened();
guessNetwork();
fillWithOne();
watchPayment();
watchIdleness();
