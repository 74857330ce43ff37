// Every page about one candidate of a commission.

import "./site.js";
import "./leaving.js";
import "./commission.js";
