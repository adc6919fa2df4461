"""What users ask of a car."""

from __future__ import annotations

from typing import Final

from envs.tooluse.functions.generator.request import request

__all__ = ["REQUESTS"]

REQUESTS: Final = (
    request(
        "Fill {gallons} gallons into the tank.",
        "I need {gallons} more gallons.",
        fillFuelTank={"fuelAmount": "$gallons"},
    ),
    request(
        "Lock the {door} door.",
        "The {door} door should be locked.",
        lockDoors={"unlock": False, "door": ["$door"]},
    ),
    request(
        "Unlock the {door} door.",
        "I want to get in by the {door} door.",
        lockDoors={"unlock": True, "door": ["$door"]},
    ),
    request(
        "Switch the headlights {light}.", "Headlights {light}, please.", setHeadlights={"mode": "$light"}
    ),
    request(
        "Set the climate to {degrees} degrees.",
        "I want {degrees} degrees in here.",
        adjustClimateControl={"temperature": "$degrees"},
    ),
    request("Show the status of the {part}.", "How is the {part}?", displayCarStatus={"option": "$part"}),
    request("Navigate to {street}.", "I want to go to {street}.", set_navigation={"destination": "$street"}),
    request(
        "Look up the zip code of {city}.",
        "Which zip code has {city}?",
        get_zipcode_based_on_city={"city": "$city"},
    ),
    request("Check the tyres.", "Is there enough air in the tyres?", check_tire_pressure={}),
    request(
        "Can the car drive {miles} miles?",
        "Is the fuel enough for {miles} miles?",
        estimate_drive_feasibility_by_mileage={"distance": "$miles"},
    ),
    request(
        "Engage the parking brake.",
        "I have parked: put the brake on.",
        activateParkingBrake={"mode": "engage"},
    ),
    request(
        "Lock all doors, press the brake and start the engine.",
        "I want to drive off: all doors locked, brake pressed, engine on.",
        lockDoors={"unlock": False, "door": ["driver", "passenger", "rear_left", "rear_right"]},
        pressBrakePedal={"pedalPosition": 1.0},
        startEngine={"ignitionMode": "START"},
    ),
)
