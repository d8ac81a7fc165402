// The full moon over the sea, or with Trees = 1 large over a hill with trees.
#include "common.inc"
#include "sky.inc"
#include "water.inc"
#include "terrain.inc"

#declare Moon = <0.10, 0.30, 1>;
#if (Trees)
  #include "plants.inc"
  View(<0, 5, -10>, <1.4, 13.8, 30>, 28)
#else
  View(<0, 5, -10>, <0.0, 9.6, 30>, 56)
#end
#declare Dim = 1 - 0.5 * Trees;
CloudySky(Moon, <0.006, 0.014, 0.045>, <0.035, 0.065, 0.13> * Dim, <0.22, 0.28, 0.36> * Dim, 60, <0.13, 0.16, 0.23> * Dim, <0.02, 0.03, 0.06>, 0.38, 2.4)
light_source { vnormalize(Moon) * 1e5 rgb <0.55, 0.62, 0.75> parallel point_at 0 }
light_source { <0, 1, -0.4> * 1e5 rgb <0.03, 0.04, 0.07> parallel point_at 0 shadowless }
sphere {
  0, 1
  pigment { function { Fbm(x * 1.5 + 9, y * 1.5 + 2, z * 1.5) } color_map { [0.38 rgb <0.62, 0.62, 0.58>] [0.52 rgb <0.95, 0.94, 0.88>] [0.7 rgb 1] } }
  finish { ambient 0 diffuse 0 emission 1.15 }
  no_shadow
  scale 3600
  translate vnormalize(Moon) * 9e4
}
#if (Trees)
  #declare Hill = function(x, y, z) { 9 - 0.0016 * x * x + 2 * f_noise3d(x / 30, 0, z / 30) - max(0, 120 - z) * 0.2 }
  object { Terrain(Hill, -120, 120, 60, 200, -60, 20, 200) pigment { rgb <0.02, 0.025, 0.03> } }
  #declare Tree = union { BroadTree(9000, <0.02, 0.03, 0.02>, 5) }
  Scatter(Tree, 14, -50, 50, 112, 140, Hill, -9, 20, 0.7, 1.3, 16)
#else
  #declare Rocks = function(x, y, z) { 6 * exp(-pow((x + 16) / 7, 2) - pow((z - 26) / 8, 2)) + 4.5 * exp(-pow((x - 19) / 5, 2) - pow((z - 34) / 6, 2)) + 3.0 * f_ridged_mf(x / 6, 0, z / 6, 0.9, 2.1, 7, 0.95, 1.6, 2) - 4.6 }
  object {
    Terrain(Rocks, -40, 40, 5, 60, -6, 12, 400)
    pigment { granite color_map { [0 rgb 0.05] [1 rgb 0.16] } scale 3 }
    normal { granite 0.8 scale 1.5 }
  }
  Water(<0.006, 0.012, 0.024>, 1.4, 0.32)
#end
