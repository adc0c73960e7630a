// All ways to draw figures. The first that can draws; the last always can.

import { bars } from "./_bars";
import type { Chart } from "./_charting";
import { line } from "./_line";

export const CHARTS: Chart[] = [line, bars];
