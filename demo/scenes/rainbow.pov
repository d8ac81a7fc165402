// A rainbow after the rain over fields, or with Sea = 1 over the sea.
#include "common.inc"
#include "sky.inc"
#include "terrain.inc"
#include "plants.inc"
#include "water.inc"

#declare Sun = <0.10, 0.34, -0.95>;
View(<0, 9, -40>, <0, 22, 60>, 72)
CloudySky(Sun, <0.15, 0.20, 0.30>, <0.50, 0.56, 0.62>, 0, 30, <0.52, 0.55, 0.60>, <0.20, 0.23, 0.29>, 0.72, 2.6)
Daylight(Sun, <1.7, 1.5, 1.1>, <0.26, 0.30, 0.36>)
Haze(<0.46, 0.52, 0.58>, 700, 14)
rainbow {
  angle 42.5 width 5 distance 1e5 jitter 0.01
  direction vnormalize(-Sun) up y arc_angle 180 falloff_angle 60
  color_map {
    [0.00 rgbt <0.6, 0.1, 0.9, 1>] [0.15 rgbt <0.5, 0.10, 0.95, 0.72>] [0.32 rgbt <0.05, 0.25, 1.0, 0.62>] [0.48 rgbt <0.0, 0.85, 0.35, 0.60>]
    [0.64 rgbt <1.0, 0.95, 0.05, 0.55>] [0.78 rgbt <1.0, 0.50, 0.0, 0.58>] [0.90 rgbt <1.0, 0.08, 0.05, 0.64>] [1.00 rgbt <1, 0, 0, 1>]
  }
}
#if (Sea)
  Water(<0.03, 0.09, 0.11>, 2.5, 0.3)
  #declare Coast = function(x, y, z) { 34 * exp(-pow((x + 190) / 130, 2)) * (0.4 + 0.9 * Fbm(x / 50, 0, z / 50)) - 7 }
  object { Terrain(Coast, -420, 40, 180, 420, -10, 60, 300) MeadowTexture(<0.13, 0.20, 0.06>) }
#else
  #declare Land = function(x, y, z) { 9 * Fbm(x / 70, 0, z / 70) - 5 + max(0, z - 150) * 0.05 }
  #declare Field = function(x, y, z) { mod(floor(x / 46 + 0.5 * f_noise3d(x / 60, 0, z / 60) + 100) * 3 + floor(z / 60 + 0.5 * f_noise3d(x / 60, 4, z / 60) + 100) * 5, 7) / 7 }
  object {
    Terrain(Land, -400, 400, -50, 750, -20, 60, 500)
    pigment {
      function { Field(x, 0, z) }
      pigment_map {
        [0.00 granite color_map { [0 rgb <0.13, 0.24, 0.05>] [1 rgb <0.22, 0.34, 0.08>] } scale 5]
        [0.28 granite color_map { [0 rgb <0.13, 0.24, 0.05>] [1 rgb <0.22, 0.34, 0.08>] } scale 5]
        [0.28 granite color_map { [0 rgb <0.48, 0.40, 0.10>] [1 rgb <0.62, 0.52, 0.15>] } scale 5]
        [0.50 granite color_map { [0 rgb <0.48, 0.40, 0.10>] [1 rgb <0.62, 0.52, 0.15>] } scale 5]
        [0.50 granite color_map { [0 rgb <0.20, 0.30, 0.07>] [1 rgb <0.28, 0.38, 0.10>] } scale 5]
        [0.80 granite color_map { [0 rgb <0.20, 0.30, 0.07>] [1 rgb <0.28, 0.38, 0.10>] } scale 5]
        [0.80 granite color_map { [0 rgb <0.10, 0.17, 0.04>] [1 rgb <0.16, 0.25, 0.06>] } scale 5]
      }
    }
    normal { granite 0.4 scale 1.5 }
  }
  #declare Tree = union { BroadTree(6000, <0.10, 0.19, 0.04>, 5) }
  Scatter(Tree, 260, -260, 260, 50, 420, Land, -20, 1.2, 0.9, 1.5, 11)
  Scatter(Tree, 5, -40, 40, 12, 46, Land, -20, 9, 1.0, 1.5, 15)
#end
