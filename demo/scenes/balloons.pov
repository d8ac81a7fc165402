// Hot-air balloons over green hills in the morning. Near: 1 for one close by.
#include "common.inc"
#include "sky.inc"
#include "terrain.inc"
#include "plants.inc"
#include "balloons.inc"

#declare Sun = <-0.7, 0.5, -0.6>;
#if (Near) View(<0, 36, -60>, <3, 47, -10>, 46) #else View(<0, 30, -60>, <0, 41, 100>, 58) #end
CloudySky(Sun, <0.05, 0.20, 0.58>, <0.70, 0.76, 0.84>, <1, 0.9, 0.7>, 30, <1, 0.97, 0.92>, <0.68, 0.70, 0.76>, 0.40, 1.8)
Daylight(Sun, <1.6, 1.35, 1.05>, <0.30, 0.36, 0.46>)
Haze(<0.74, 0.76, 0.80>, 1500, 25)

#declare Hills = function(x, y, z) { 26 * Fbm(x / 170, 0, z / 170) - 12 + max(0, z - 300) * 0.05 }
object { Terrain(Hills, -700, 700, -80, 1300, -30, 120, 500) MeadowTexture(<0.15, 0.22, 0.06>) }
#declare Tree = union { BroadTree(5000, <0.08, 0.15, 0.04>, 5) }
Scatter(Tree, 1100, -300, 300, 30, 420, Hills, -30, 3, 0.8, 1.4, 11)

#if (Near)
  object { HotAirBalloon(<0.80, 0.04, 0.03>, <0.95, 0.60, 0.04>, <0.10, 0.15, 0.55>) rotate y * 8 translate <0, 32, -8> }
  object { HotAirBalloon(<0.04, 0.25, 0.60>, <0.92, 0.92, 0.92>, <0.9, 0.7, 0.1>) rotate y * 50 translate <34, 52, 90> }
#else
  object { HotAirBalloon(<0.80, 0.05, 0.03>, <0.95, 0.65, 0.05>, <0.9, 0.88, 0.8>) translate <-26, 40, 20> }
  object { HotAirBalloon(<0.04, 0.18, 0.60>, <0.90, 0.90, 0.92>, <0.8, 0.06, 0.05>) rotate y * 20 translate <28, 34, 60> }
  object { HotAirBalloon(<0.95, 0.45, 0.03>, <0.40, 0.04, 0.35>, <0.95, 0.75, 0.1>) rotate y * 50 translate <6, 58, 130> }
  object { HotAirBalloon(<0.08, 0.45, 0.20>, <0.95, 0.85, 0.15>, <0.05, 0.25, 0.12>) rotate y * 70 translate <-66, 52, 190> }
  object { HotAirBalloon(<0.75, 0.10, 0.30>, <0.95, 0.92, 0.90>, <0.3, 0.05, 0.3>) rotate y * 10 translate <100, 84, 240> }
  object { HotAirBalloon(<0.9, 0.1, 0.05>, <0.1, 0.2, 0.6>, <0.9, 0.9, 0.9>) rotate y * 10 translate <-10, 44, 330> }
#end
