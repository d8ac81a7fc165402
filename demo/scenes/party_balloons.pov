// A bunch of party balloons in the sky.
#include "common.inc"
#include "sky.inc"
#include "balloons.inc"

#declare Sun = <-0.55, 0.7, -0.6>;
View(<0, 1.2, -4.2>, <0, 2.45, 0>, 33)
CloudySky(Sun, <0.05, 0.22, 0.62>, <0.58, 0.76, 0.94>, <1, 0.9, 0.7>, 30, <1, 1, 1>, <0.72, 0.77, 0.83>, 0.48, 1.5)
Daylight(Sun, <1.4, 1.3, 1.15>, <0.34, 0.38, 0.45>)
#declare Tint = array[7] { <0.80, 0.03, 0.03>, <0.95, 0.68, 0.02>, <0.03, 0.20, 0.75>, <0.06, 0.50, 0.10>, <0.90, 0.30, 0.55>, <0.95, 0.40, 0.02>, <0.42, 0.08, 0.60> };
#declare Random = seed(19);
#for (I, 0, 18)
  #declare R = 0.72 * sqrt(I / 18);
  #declare A = I * 2.4;
  #declare P = <R * cos(A), 2.95 - 0.45 * R * R + Between(Random, -0.05, 0.05) + 0.14 * sin(A), R * sin(A) * 0.8>;
  union {
    sphere { 0, 0.2 scale <1, 1.18, 1> }
    cone { <0, -0.265, 0>, 0.026, <0, -0.23, 0>, 0.008 }
    pigment { rgb Tint[mod(I, 7)] }
    finish { ambient 0.12 diffuse 0.72 specular 1.0 roughness 0.004 reflection { 0.02, 0.3 } }
    rotate z * P.x * -22 rotate x * P.z * 18
    translate P
  }
  cylinder { P - y * 0.26, <0, 1.15, 0>, 0.0035 pigment { rgb 0.85 } }
#end
cylinder { <0, 1.15, 0>, <0.02, -1, 0>, 0.008 pigment { rgb 0.85 } }
