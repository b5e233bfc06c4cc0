// The page's behaviour. Every page works without it: these modules only make
// it quicker. They hold no state of the firm and decide nothing.
import "./time.js";
import "./copy.js";
import "./rows.js";
import "./dialogs.js";
import "./palette.js";
import "./forms.js";
