// One ball on a wooden floor. Kind: 1 shiny, 2 metal, 3 glass, 4 wood, 5 marble. Red, Green, Blue: its colour.
#include "common.inc"
#include "rooms.inc"
#include "materials.inc"

View(<0.25, 1.15, -3.1>, <0, 0.42, 0>, 38)
WindowLight(<1.25, 1.15, 1.0>, <0.32, 0.34, 0.40>, 1)
RoomReflections(<0.65, 0.62, 0.58>)
Backdrop(<0.62, 0.60, 0.56>, 3.2)
box { <-8, 0.005, 3.15>, <8, 0.22, 3.3> pigment { rgb 0.85 } }
plane { y, 0 Planks(<0.60, 0.40, 0.22>, <0.42, 0.25, 0.12>, 0.32, 0.10) }
#declare Colour = <Red, Green, Blue>;
sphere {
  <0, 0.5, 0>, 0.5
  #switch (Kind)
    #case (1) Shiny(Colour) #break
    #case (2) Metal(Colour) #break
    #case (3) ClearGlass(Colour) #break
    #case (4) texture { pigment { Wood(Colour, Colour * 0.45) scale 3 } finish { diffuse 0.8 specular 0.4 roughness 0.02 reflection 0.02 } } #break
    #case (5) Marble(Colour, Colour * 0.2, 0.35) #break
  #end
}
