// Fly agarics in the grass of a wood.
#include "common.inc"
#include "sky.inc"
#include "terrain.inc"
#include "plants.inc"

#declare Sun = <-0.55, 0.75, -0.35>;
View(<0.02, 0.16, -0.62>, <0, 0.105, 0>, 40)
ClearSky(Sun, <0.30, 0.42, 0.22>, <0.55, 0.66, 0.38>, <1, 0.95, 0.6>, 8)
Daylight(Sun, <1.6, 1.4, 1.0>, <0.28, 0.34, 0.26>)
Haze(<0.38, 0.48, 0.24>, 5, 1)
#declare Land = function(x, y, z) { 0.05 * Fbm(x / 0.5, 0, z / 0.5) - 0.025 }
object { Terrain(Land, -6, 6, -1, 11, -0.3, 1, 300) pigment { granite color_map { [0 rgb <0.06, 0.05, 0.02>] [1 rgb <0.18, 0.20, 0.06>] } scale 0.4 } normal { granite 0.5 scale 0.1 } }
#declare Patch = object { GrassPatch(1500, 0.10, 0.34, 0.018, <0.13, 0.26, 0.05>, 3) }
Lawn(Patch, -0.7, 0.7, -0.42, 0.5, 0.22, Land, 8)
Lawn(Patch, -2.5, 2.5, 0.5, 4, 0.5, Land, 9)
// A mushroom 0.2 m high.
#macro Mushroom(Seed)
  #local Random = seed(Seed);
  #local Cap = function(x) { 0.062 * sqrt(max(0, 1 - pow(x / 0.085, 2))) }
  union {
    lathe { cubic_spline 8, <-0.01, 0>, <0, 0>, <0.022, 0.0>, <0.019, 0.03>, <0.014, 0.09>, <0.013, 0.14>, <0.0, 0.15>, <-0.01, 0.15> pigment { rgb <0.88, 0.84, 0.74> } normal { wrinkles 0.4 scale <0.004, 0.03, 0.004> } }
    lathe { cubic_spline 7, <0.012, 0.112>, <0.014, 0.112>, <0.026, 0.098>, <0.034, 0.090>, <0.028, 0.099>, <0.014, 0.116>, <0.012, 0.118> pigment { rgb <0.90, 0.86, 0.76> } }
    intersection { sphere { 0, 1 scale <0.085, 0.062, 0.085> } plane { -y, 0 } translate y * 0.135 pigment { rgb <0.66, 0.03, 0.015> } finish { diffuse 0.8 specular 0.7 roughness 0.012 reflection { 0.01, 0.1 } } }
    cone { <0, 0.126, 0>, 0.02, <0, 0.1355, 0>, 0.084 pigment { rgb <0.90, 0.86, 0.76> } normal { radial 0.8 frequency 60 } }
    #for (I, 1, 26)
      #local R = 0.08 * sqrt((I - 0.5) / 26);
      #local A = I * 2.4 + 0.6 * rand(Random);
      sphere { 0, Between(Random, 0.004, 0.0085) scale <1, 0.55, 1> rotate z * -70 * R / 0.085 rotate y * -degrees(A) translate <R * cos(A), 0.135 + Cap(R), R * sin(A)> pigment { rgb <0.92, 0.89, 0.80> } normal { bumps 0.5 scale 0.002 } }
    #end
  }
#end
object { Mushroom(1) rotate z * 4 translate <-0.05, 0, 0.02> }
object { Mushroom(2) scale 0.72 rotate z * -8 translate <0.115, 0, -0.05> }
object { Mushroom(3) scale 0.5 rotate z * 10 translate <-0.17, 0.01, -0.09> }
object { Mushroom(4) scale 0.9 rotate y * 50 translate <0.22, 0, 0.28> }
