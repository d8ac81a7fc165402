// A snowman with hat, scarf and carrot nose.
#include "common.inc"
#include "sky.inc"
#include "terrain.inc"
#include "plants.inc"

#declare Sun = <-0.6, 0.5, -0.6>;
View(<0.3, 1.35, -5.2>, <0, 1.15, 0>, 42)
CloudySky(Sun, <0.08, 0.24, 0.60>, <0.62, 0.76, 0.92>, <1, 0.9, 0.7>, 30, <1, 1, 1>, <0.7, 0.75, 0.8>, 0.4, 1.6)
Daylight(Sun, <1.2, 1.1, 0.95>, <0.34, 0.40, 0.52>)
Haze(<0.68, 0.78, 0.92>, 260, 6)
#declare Land = function(x, y, z) { 0.5 * f_noise3d(x / 5, 0, z / 5) * min(1, max(0, sqrt(x * x + z * z) - 1) / 5) + max(0, z - 8) * 0.03 - 0.1 }
#declare Snow = texture { pigment { rgb <0.78, 0.80, 0.85> } normal { average normal_map { [1 bumps 0.3 scale 0.3] [1 granite 0.12 scale 0.12] } } finish { diffuse 0.85 } }
object { Terrain(Land, -60, 60, -8, 112, -3, 8, 500) texture { Snow } }
#declare SnowFir = union { Conifer(22, <0.07, 0.13, 0.08>, 4) union { Conifer(22, <0.62, 0.66, 0.72>, 4) translate y * 0.10 scale <0.97, 1, 0.97> } }
object { SnowFir scale 0.5 translate <-3.2, 0, 3> } object { SnowFir scale 0.6 rotate y * 80 translate <3.4, 0, 4> }
Scatter(SnowFir, 70, -40, 40, 10, 50, Land, -9, 9, 0.5, 1.1, 6)
union {
  sphere { <0, 0.52, 0>, 0.68 } sphere { <0, 1.30, 0>, 0.47 } sphere { <0, 1.86, 0>, 0.33 }
  texture { Snow }
}
cone { <0, 1.86, -0.28>, 0.055, <0.03, 1.84, -0.66>, 0.008 pigment { rgb <0.90, 0.36, 0.04> } normal { gradient z 0.4 scale 0.05 } }
#for (S, -1, 1, 2)
  sphere { <S * 0.11, 1.95, -0.30>, 0.034 pigment { rgb 0.015 } finish { specular 0.8 } }
  cylinder { <S * 0.42, 1.35, 0>, <S * 1.05, 1.72, -0.08>, 0.024 pigment { rgb <0.16, 0.10, 0.06> } }
  cylinder { <S * 0.86, 1.60, -0.05>, <S * 1.02, 1.86, -0.1>, 0.014 pigment { rgb <0.16, 0.10, 0.06> } }
  cylinder { <S * 0.86, 1.60, -0.05>, <S * 1.14, 1.60, -0.1>, 0.014 pigment { rgb <0.16, 0.10, 0.06> } }
#end
#for (I, -2, 2) sphere { <I * 0.055, 1.735 + 0.010 * I * I, -0.318 + 0.006 * I * I>, 0.019 pigment { rgb 0.015 } } #end
#for (I, 0, 2) sphere { <0, 1.46 - 0.17 * I, -sqrt(0.2209 - pow(0.16 - 0.17 * I, 2))>, 0.036 pigment { rgb 0.015 } finish { specular 0.8 } } #end
torus { 0.30, 0.075 scale <1, 0.9, 1> translate y * 1.60 pigment { radial color_map { [0.5 rgb <0.70, 0.03, 0.03>] [0.5 rgb <0.55, 0.02, 0.02>] } frequency 16 } normal { bumps 0.4 scale 0.03 } }
box { <-0.08, -0.55, -0.03>, <0.08, 0, 0.03> rotate x * 12 rotate z * -6 translate <0.18, 1.60, -0.38> pigment { gradient y color_map { [0.5 rgb <0.70, 0.03, 0.03>] [0.5 rgb 0.9] } scale 0.18 } normal { bumps 0.4 scale 0.03 } }
union {
  cylinder { <0, 0, 0>, <0, 0.035, 0>, 0.42 } cylinder { <0, 0, 0>, <0, 0.42, 0>, 0.26 }
  cylinder { <0, 0.035, 0>, <0, 0.11, 0>, 0.265 pigment { rgb <0.55, 0.02, 0.02> } }
  pigment { rgb 0.025 } finish { specular 0.2 }
  rotate z * -7 translate <0.01, 2.12, 0>
}
