import fc from "fast-check";
import { readSeed } from "./seed.ts";

// fast-check takes the time of day as its seed; a failing property prints seed and path.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: readSeed() });

export default fc;
