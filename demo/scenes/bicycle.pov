// A bicycle of the colour Red, Green, Blue in front of a brick wall, or with Country = 1 on a path through meadows.
#include "common.inc"
#include "sky.inc"
#include "houses.inc"
#include "materials.inc"
#include "plants.inc"
#include "terrain.inc"

#declare Sun = <-0.45, 0.75, -0.7>;
#if (Country)
  View(<0.9, 1.0, -3.1>, <0.05, 0.62, 0>, 40)
  CloudySky(Sun, <0.07, 0.22, 0.60>, <0.60, 0.76, 0.93>, <1, 0.9, 0.7>, 30, <1, 1, 1>, <0.7, 0.75, 0.8>, 0.45, 1.6)
  SoftDaylight(Sun, <1.35, 1.25, 1.05>, <0.40, 0.42, 0.46>, 60, 2.5)
  Haze(<0.62, 0.76, 0.92>, 260, 6)
  plane { y, 0 pigment { granite color_map { [0 rgb <0.34, 0.28, 0.20>] [1 rgb <0.56, 0.48, 0.36>] } scale 0.3 } normal { granite 0.4 scale 0.1 } }
  object { Terrain(Flat, -80, 80, 0.75, 160, -1, 1, 8) MeadowTexture(<0.15, 0.26, 0.06>) translate y * 0.01 }
  #declare Patch = object { GrassPatch(700, 0.06, 0.20, 0.010, <0.17, 0.33, 0.06>, 3) }
  Lawn(Patch, -8, 6, 1.1, 12, 0.9, Flat, 8)
  #declare Tree = union { BroadTree(7000, <0.09, 0.18, 0.05>, 5) }
  Scatter(Tree, 40, -50, 50, 24, 60, Flat, -9, 9, 0.8, 1.3, 6)
#else
  View(<0.35, 1.05, -3.3>, <0.05, 0.62, 0>, 42)
  ClearSky(Sun, <0.1, 0.25, 0.6>, <0.6, 0.75, 0.9>, <1, 0.9, 0.7>, 30)
  SoftDaylight(Sun, <1.35, 1.25, 1.05>, <0.40, 0.42, 0.46>, 60, 2.5)
  box { <-8, -1, 0.53>, <8, 6, 1> BrickWall(<0.45, 0.15, 0.09>) }
  box { <-8, 0, 0.48>, <8, 0.22, 0.6> StoneWall(<0.42, 0.40, 0.37>, 0.4) }
  plane { y, 0 pigment { brick pigment { rgb <0.30, 0.29, 0.27> }, pigment { bozo color_map { [0 rgb 0.40] [1 rgb <0.56, 0.54, 0.50>] } scale 0.4 } brick_size <0.5, 0.5, 0.3> mortar 0.012 translate y * 0.1 } normal { granite 0.2 scale 0.2 } }
#end
#declare Frame = texture { pigment { rgb <Red, Green, Blue> } finish { diffuse 0.7 specular 0.8 roughness 0.006 reflection { 0.02, 0.25 } } }
#declare Black = Matt(rgb 0.025)
#macro BikeWheel()
  union {
    torus { 0.335, 0.018 rotate x * 90 texture { Black } }
    torus { 0.312, 0.011 rotate x * 90 Steel() }
    cylinder { -z * 0.05, z * 0.05, 0.022 Steel() }
    #for (I, 0, 31)
      cylinder { <0.018 * cos(radians(I * 11.25 + 60)), 0.018 * sin(radians(I * 11.25 + 60)), 0.03 * (1 - 2 * mod(I, 2))>, <0.312 * cos(radians(I * 11.25)), 0.312 * sin(radians(I * 11.25)), 0>, 0.0016 Steel() }
    #end
  }
#end
union {
  object { BikeWheel() translate <-0.52, 0.353, 0> }
  object { BikeWheel() rotate z * 9 translate <0.52, 0.353, 0> }
  #declare BB = <-0.06, 0.29, 0>;
  #declare Seat = <-0.20, 0.84, 0>;
  #declare Head = <0.36, 0.80, 0>;
  union {
    cylinder { BB, Seat, 0.016 }
    cylinder { BB, Head - <-0.015, 0.12, 0>, 0.019 }
    cylinder { Seat * 0.9 + BB * 0.1, Head - <-0.005, 0.05, 0>, 0.016 }
    cylinder { Head + <-0.012, 0.06, 0>, Head - <-0.03, 0.17, 0>, 0.02 }
    #for (S, -1, 1, 2)
      cylinder { BB + z * 0.02 * S, <-0.52, 0.353, 0.05 * S>, 0.010 }
      cylinder { Seat * 0.9 + BB * 0.1 + z * 0.015 * S, <-0.52, 0.353, 0.05 * S>, 0.008 }
      cylinder { Head + <0.03, -0.17, 0.025 * S>, <0.52, 0.353, 0.05 * S>, 0.011 }
    #end
    // mudguards
    difference { torus { 0.37, 0.028 rotate x * 90 } torus { 0.362, 0.027 rotate x * 90 } box { <-1, -1, -1>, <1, -0.05, 1> rotate z * -25 } translate <-0.52, 0.353, 0> }
    texture { Frame }
  }
  cylinder { Seat, Seat + <-0.03, 0.12, 0>, 0.013 Steel() }
  blob { threshold 0.4 sphere { 0, 1, 1 scale <0.17, 0.055, 0.13> translate <-0.30, 0.98, 0> } sphere { 0, 1, 1 scale <0.18, 0.05, 0.06> translate <-0.17, 0.985, 0> } Matt(<0.16, 0.07, 0.03>) }
  cylinder { Head + <-0.012, 0.05, 0>, Head + <-0.03, 0.16, 0>, 0.013 Steel() }
  #for (S, -1, 1, 2)
    sphere_sweep { b_spline 6, Head + <-0.02, 0.16, 0>, 0.012 Head + <-0.03, 0.16, 0>, 0.012 Head + <0.03, 0.18, S * 0.12>, 0.012 Head + <-0.02, 0.19, S * 0.26>, 0.012 Head + <-0.18, 0.18, S * 0.29>, 0.012 Head + <-0.24, 0.18, S * 0.29>, 0.012 Steel() }
    cylinder { Head + <-0.07, 0.185, S * 0.283>, Head + <-0.20, 0.18, S * 0.29>, 0.017 texture { Black } }
  #end
  torus { 0.085, 0.006 rotate x * 90 translate BB - z * 0.05 Steel() }
  #for (I, 0, 4) cylinder { BB - z * 0.05, BB - z * 0.05 + vrotate(x * 0.085, z * 72 * I), 0.005 Steel() } #end
  cylinder { BB - z * 0.06, BB + <0.12, -0.12, -0.07>, 0.009 Steel() }
  cylinder { BB + z * 0.06, BB + <-0.12, 0.12, 0.07>, 0.009 Steel() }
  box { <-0.05, -0.01, -0.09>, <0.05, 0.01, 0> translate BB + <0.12, -0.12, -0.07> texture { Black } }
  box { <-0.05, -0.01, 0>, <0.05, 0.01, 0.09> translate BB + <-0.12, 0.12, 0.07> texture { Black } }
  cylinder { BB + <0, 0.085, -0.05>, <-0.52, 0.385, -0.045>, 0.004 texture { Black } }
  cylinder { BB + <0, -0.085, -0.05>, <-0.52, 0.32, -0.045>, 0.004 texture { Black } }
  // basket with flowers
  difference {
    box { <-0.14, 0, -0.17>, <0.14, 0.22, 0.17> } box { <-0.13, 0.01, -0.16>, <0.13, 0.3, 0.16> }
    pigment { checker rgb <0.50, 0.33, 0.15>, rgb <0.34, 0.20, 0.08> scale 0.028 } normal { bumps 0.5 scale 0.02 }
    translate Head + <0.22, -0.02, 0>
  }
  rotate x * 7
  rotate y * -6
  translate z * 0.05
}
#declare Random = seed(6);
#for (I, 1, 46)
  sphere { <Between(Random, 0.48, 0.70), Between(Random, 1.0, 1.1), Between(Random, -0.16, 0.14)>, 0.028 pigment { rgb <0.9, 0.75 * mod(I, 2), 0.1 + 0.3 * mod(I, 3)> } }
#end
