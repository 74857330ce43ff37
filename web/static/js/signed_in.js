// Every page of somebody who is signed in.

import "./site.js";
import "./leaving.js";
