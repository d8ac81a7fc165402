// Coloured balls of glass, metal and plastic on a white table.
#include "common.inc"
#include "rooms.inc"
#include "materials.inc"

View(<0, 3.0, -5.2>, <0, 0.3, 0.2>, 42)
WindowLight(<1.2, 1.15, 1.05>, <0.28, 0.30, 0.34>, 1.6)
RoomReflections(<0.7, 0.7, 0.72>)
plane { y, 0 pigment { rgb 0.80 } finish { diffuse 0.8 reflection { 0.02, 0.25 } } }
#declare Random = seed(12);
#declare Tint = array[8] { <0.8, 0.03, 0.03>, <0.95, 0.65, 0.02>, <0.05, 0.45, 0.10>, <0.03, 0.12, 0.70>, <0.85, 0.30, 0.02>, <0.40, 0.05, 0.50>, <0.05, 0.60, 0.65>, <0.9, 0.3, 0.5> };
#for (I, 0, 6)
  #for (J, 0, 4)
    #declare R = Between(Random, 0.22, 0.40);
    #declare Colour = Tint[mod(I * 3 + J * 5, 8)];
    sphere {
      <0, R, 0>, R
      #switch (mod(I + 2 * J, 5))
        #case (0) ClearGlass(Colour * 0.8 + 0.2) #break
        #case (1) Steel() #break
        #else Shiny(Colour)
      #end
      translate <(I - 3) * 0.92 + 0.45 * mod(J, 2) + Between(Random, -0.05, 0.05), 0, (J - 1.5) * 0.95>
    }
  #end
#end
