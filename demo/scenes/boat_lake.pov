// A rowing boat on a still lake with wooded hills and mountains behind, or with Two = 1 a blue and a white one.
#include "common.inc"
#include "sky.inc"
#include "water.inc"
#include "terrain.inc"
#include "plants.inc"
#include "boats.inc"

#declare Sun = <0.7, 0.55, -0.45>;
#if (Two) View(<1.5, 1.9, -6.2>, <-0.6, 1.7, 10>, 50) #else View(<0, 2.1, -7.5>, <0.2, 2.75, 10>, 54) #end
CloudySky(Sun, <0.06, 0.20, 0.55>, <0.62, 0.74, 0.88>, <1, 0.9, 0.7>, 30, <1, 0.98, 0.95>, <0.62, 0.68, 0.76>, 0.5, 1.8)
Daylight(Sun, <1.5, 1.35, 1.1>, <0.30, 0.36, 0.46>)
Haze(<0.62, 0.72, 0.86>, 2200, 60)

#declare Shore = function(x, y, z) { (z - 70 - 14 * f_noise3d(x / 40, 0, 0)) * 0.16 + 9 * Fbm(x / 60, 1, z / 60) - 4 + max(0, abs(x) - 60) * 0.10 }
object { Terrain(Shore, -260, 260, 30, 330, -12, 90, 400) MeadowTexture(<0.09, 0.13, 0.04>) }
#declare Fir = union { Conifer(20, <0.06, 0.13, 0.05>, 4) }
#declare Oak = union { BroadTree(6000, <0.13, 0.19, 0.04>, 5) }
Scatter(Fir, 900, -130, 130, 62, 170, Shore, 0.6, 60, 0.8, 1.5, 11)
Scatter(Oak, 220, -130, 130, 62, 120, Shore, 0.5, 60, 0.7, 1.2, 12)

#declare Peaks = function(x, y, z) {
  (330 * exp(-pow((x - 320) / 380, 2)) + 250 * exp(-pow((x + 420) / 400, 2)) + 110) * exp(-pow((z - 1500) / 420, 2)) * (0.5 + 0.4 * f_ridged_mf(x / 300 + 2, 0, z / 300, 0.9, 2.1, 7, 0.95, 1.6, 2))
}
object {
  Terrain(Peaks, -1500, 1500, 700, 2300, -10, 700, 500)
  texture {
    slope { y, 0.0, 1.0 altitude y, 60, 420 }
    texture_map {
      [0.48 pigment { granite color_map { [0 rgb <0.09, 0.12, 0.08>] [1 rgb <0.22, 0.22, 0.20>] } scale 60 } normal { granite 0.8 scale 40 }]
      [0.58 pigment { rgb <0.90, 0.92, 0.96> }]
    }
  }
}
#if (Two)
  object { RowingBoat(<0.04, 0.14, 0.36>, <0.50, 0.33, 0.17>) rotate y * 158 translate <-0.7, 0, 0.2> }
  object { RowingBoat(<0.75, 0.74, 0.70>, <0.42, 0.26, 0.13>) rotate y * 28 translate <1.6, 0, 6.5> }
#else
  object { RowingBoat(<0.42, 0.05, 0.035>, <0.42, 0.26, 0.13>) rotate y * 24 translate <-0.3, 0, 1.2> }
#end
Water(<0.02, 0.045, 0.05>, 0.9, 0.035)
