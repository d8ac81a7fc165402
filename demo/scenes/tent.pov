// A lit tent by a lake at night.
#include "common.inc"
#include "sky.inc"
#include "water.inc"
#include "terrain.inc"
#include "plants.inc"

View(<-1.1, 1.75, -6.4>, <0.6, 2.35, 4>, 58)
NightSky(<0.006, 0.010, 0.035>, <0.045, 0.060, 0.11>, <1.0, 1.0, 1.1>)
light_source { <-400, 500, -300> rgb <0.07, 0.085, 0.14> }
light_source { <1.0, 0.75, 0.2> rgb <1.6, 0.85, 0.30> * 0.9 fade_distance 1.3 fade_power 2 shadowless }
#declare Shore = function(x, y, z) { (4.2 + 1.2 * sin(x / 5) - z) * 0.12 + 0.25 * Fbm(x / 2, 0, z / 2) - 0.12 }
object { Terrain(Shore, -40, 40, -12, 14, -2, 4, 400) pigment { granite color_map { [0 rgb <0.12, 0.10, 0.07>] [1 rgb <0.20, 0.24, 0.10>] } scale 1.5 } normal { granite 0.4 scale 0.3 } }
#declare Far = function(x, y, z) { (z - 75) * 0.2 + 26 * Fbm(x / 60, 0, z / 60) - 14 }
object { Terrain(Far, -220, 220, 50, 260, -20, 90, 300) pigment { rgb <0.035, 0.05, 0.055> } normal { granite 0.5 scale 4 } }
#declare Fir = union { Conifer(22, <0.05, 0.09, 0.06>, 4) }
object { Fir scale 0.75 translate <-5.2, 0.4, 1.5> } object { Fir scale 0.6 rotate y * 70 translate <-6.8, 0.5, -1> } object { Fir scale 0.85 rotate y * 140 translate <7.2, 0.4, 2> } object { Fir scale 0.6 rotate y * 30 translate <6.0, 0.4, 0.3> }
Scatter(Fir, 240, -130, 130, 66, 130, Far, 0.5, 60, 0.8, 1.4, 6)
#declare Patch = object { GrassPatch(260, 0.06, 0.22, 0.012, <0.14, 0.22, 0.06>, 3) }
Scatter(Patch, 240, -9, 9, -3.2, 3, Shore, 0.25, 4, 0.9, 1.1, 5)
// Tent: two slopes and two gables of glowing cloth
union {
  #declare Cloth = texture { pigment { gradient y color_map { [0 rgb <1, 0.48, 0.10>] [1 rgb <0.85, 0.26, 0.04>] } scale 1.8 } normal { wrinkles 0.2 scale 0.5 } finish { emission 0.62 diffuse 0.4 } }
  #for (S, -1, 1, 2)
    triangle { <0, 1.6, -1.5>, <S * 1.35, 0, -1.5>, <S * 1.35, 0, 1.5> }
    triangle { <0, 1.6, -1.5>, <S * 1.35, 0, 1.5>, <0, 1.6, 1.5> }
    triangle { <0, 1.6, 1.5>, <-1.35, 0, 1.5>, <1.35, 0, 1.5> }
    triangle { <0, 1.6, -1.5>, <S * 1.35, 0, -1.5>, <S * 0.42, 0, -1.52> }
    triangle { <0, 1.6, -1.5>, <S * 0.42, 0, -1.52>, <S * 0.16, 0.9, -1.52> }
    cylinder { <S * 1.35, 0, -1.5>, <S * 2.1, -0.1, -2.0>, 0.01 pigment { rgb 0.4 } }
    cylinder { <0, 1.6, -1.5>, <S * 1.35, 0, -1.5>, 0.022 pigment { rgb <0.3, 0.08, 0.02> } }
  #end
  cylinder { <0, 1.6, -1.5>, <0, 1.6, 1.5>, 0.022 pigment { rgb <0.3, 0.08, 0.02> } }
  box { <-1.3, 0.0, -1.4>, <1.3, 0.05, 1.4> pigment { rgb <0.7, 0.4, 0.15> } finish { emission 0.3 } }
  sphere { <0, 1.1, 0>, 0.09 pigment { rgb 1 } finish { emission <3, 2.2, 1.1> } no_shadow }
  texture { Cloth }
  rotate y * 24
  translate <1.2, 0.42, 0.3>
}
Water(<0.006, 0.012, 0.022>, 1.0, 0.05)
