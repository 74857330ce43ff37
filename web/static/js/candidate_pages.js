// Every page of a candidate.

import "./site.js";
import "./leaving.js";
import "./candidate.js";
