// A pagoda on a wooded hill by the water. Winter: 1 with snow, 0 in the evening light of autumn.
#include "common.inc"
#include "sky.inc"
#include "water.inc"
#include "terrain.inc"
#include "plants.inc"
#include "houses.inc"

View(<-6, 7, -52>, <2.0, 16, 0>, 56)
#if (Winter)
  #declare Sun = <-0.6, 0.5, -0.6>;
  CloudySky(Sun, <0.30, 0.38, 0.50>, <0.72, 0.76, 0.80>, <0.3, 0.3, 0.3>, 30, <0.90, 0.91, 0.93>, <0.60, 0.64, 0.70>, 0.75, 2)
  Daylight(Sun, <0.95, 0.95, 1.0>, <0.48, 0.50, 0.56>)
  Haze(<0.74, 0.77, 0.82>, 220, 20)
  #declare Leaves = 700;
  #declare TreeColour = <0.30, 0.26, 0.22>;
#else
  #declare Sun = <-0.8, 0.32, -0.35>;
  CloudySky(Sun, <0.14, 0.24, 0.50>, <0.98, 0.66, 0.42>, <1, 0.7, 0.3>, 12, <1.0, 0.76, 0.55>, <0.52, 0.42, 0.50>, 0.5, 2)
  Daylight(Sun, <1.9, 1.25, 0.75>, <0.32, 0.32, 0.42>)
  Haze(<0.85, 0.66, 0.52>, 420, 16)
  #declare Leaves = 8000;
  #declare TreeColour = <0.38, 0.14, 0.03>;
#end
#declare SnowTexture = texture { pigment { rgb <0.92, 0.94, 0.97> } finish { diffuse 0.85 } }
#declare RoofColour = <0.13, 0.16, 0.15>;

union {
  #for (I, 0, 6)
    #declare Wide = 4.3 - 0.42 * I;
    #declare Foot = I * 3.55;
    box { <-Wide, Foot, -Wide>, <Wide, Foot + 2.6, Wide> Plaster(<0.70, 0.55, 0.38>) }
    #for (Side, 0, 3)
      union {
        #for (K, 0, 3) cylinder { <-Wide + Wide * 2 * K / 3, Foot, -Wide - 0.05>, <-Wide + Wide * 2 * K / 3, Foot + 2.6, -Wide - 0.05>, 0.17 } #end
        box { <-Wide, Foot + 2.25, -Wide - 0.12>, <Wide, Foot + 2.6, -Wide> }
        box { <-Wide - 0.6, Foot + 0.55, -Wide - 0.65>, <Wide + 0.6, Foot + 0.63, -Wide - 0.58> }
        #for (K, 0, 10) cylinder { <-Wide - 0.6 + (2 * Wide + 1.2) * K / 10, Foot, -Wide - 0.62>, <-Wide - 0.6 + (2 * Wide + 1.2) * K / 10, Foot + 0.6, -Wide - 0.62>, 0.04 } #end
        pigment { rgb <0.48, 0.05, 0.03> }
        rotate y * 90 * Side
      }
      #for (K, -1, 1)
        box { <-0.6 + K * Wide * 0.66, Foot + 0.3, -Wide - 0.03>, <0.6 + K * Wide * 0.66, Foot + 2.1, -Wide> pigment { rgb #if (Winter) <0.05, 0.03, 0.02> #else <0.16, 0.07, 0.02> #end } rotate y * 90 * Side }
      #end
    #end
    box { <-Wide - 0.7, Foot - 0.2, -Wide - 0.7>, <Wide + 0.7, Foot, Wide + 0.7> pigment { rgb <0.35, 0.08, 0.05> } }
    object { CurvedRoof(Wide + 1.9, Wide + 1.9, 1.35, 0.75, 0, RoofColour) translate y * (Foot + 2.5) }
    #if (Winter)
      object { CurvedRoof(Wide + 1.72, Wide + 1.72, 1.38, 0.6, 0, <0.95, 0.96, 0.98>) translate y * (Foot + 2.62) }
    #end
  #end
  cone { <0, 25.2, 0>, 0.7, <0, 31, 0>, 0.06 pigment { rgb <0.75, 0.55, 0.18> } finish { specular 0.8 metallic } }
  #for (I, 0, 5) torus { 0.65 - 0.08 * I, 0.11 translate y * (26.4 + 0.65 * I) pigment { rgb <0.75, 0.55, 0.18> } } #end
  translate y * 4.2
}
#declare Hill = function(x, y, z) { 5.2 * exp(-pow(x / 24, 2) - pow(z / 20, 2)) + 2.4 * Fbm(x / 16, 0, z / 16) - 1.8 + max(0, z - 25) * 0.10 - max(0, -z - 15) * 0.35 }
object {
  Terrain(Hill, -110, 110, -40, 170, -12, 40, 400)
  #if (Winter) texture { SnowTexture } #else MeadowTexture(<0.17, 0.19, 0.06>) #end
}
box { <-8, 2, -8>, <8, 4.3, 8> StoneWall(<0.46, 0.45, 0.43>, 0.8) }
#declare Oak = union { BroadTree(Leaves, TreeColour, 5) }
#declare Pine = union { Conifer(20, <0.06, 0.11, 0.06>, 4) #if (Winter) union { Conifer(20, <0.75, 0.78, 0.82>, 4) translate y * 0.12 scale <0.95, 1, 0.95> } #end }
Scatter(Oak, 30, -40, -11, -16, 14, Hill, 0.3, 30, 0.5, 0.9, 6)
Scatter(Oak, 30, 11, 40, -16, 14, Hill, 0.3, 30, 0.5, 0.9, 9)
Scatter(Pine, 40, -60, 60, 14, 90, Hill, 0.3, 30, 0.7, 1.2, 7)
Scatter(Oak, 90, -90, 90, 14, 120, Hill, 0.3, 30, 0.8, 1.2, 8)
Water(<0.03, 0.05, 0.06>, 1.2, 0.06)
