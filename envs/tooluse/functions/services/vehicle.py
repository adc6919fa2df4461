"""VehicleControlAPI: a car with its engine, doors, brakes, climate, lights, tyres and navigation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from envs.tooluse.functions.services.filler import Filler
from envs.tooluse.functions.services.service import Answer, FunctionService, Scenario

__all__ = ["ZIP_CODES", "VehicleControlAPI"]

_TANK_GALLONS: Final = 50
_MILES_PER_GALLON: Final = 20.0
_FULL_BRAKE_NEWTONS: Final = 1000
_DOORS: Final = ("driver", "passenger", "rear_left", "rear_right")
_TYRES: Final = (
    "frontLeftTirePressure",
    "frontRightTirePressure",
    "rearLeftTirePressure",
    "rearRightTirePressure",
)
ZIP_CODES: Final = {
    "Rivermist": "83214",
    "Stonebrook": "74532",
    "Maplecrest": "56108",
    "Silverpine": "62947",
    "Shadowridge": "71354",
    "Sunset Valley": "83462",
    "Oakendale": "47329",
    "Willowbend": "52013",
    "Crescent Hollow": "69238",
    "Autumnville": "51479",
    "San Francisco": "94016",
}
_DISTANCES_KM: Final = {
    frozenset(pair): distance
    for *pair, distance in (
        ("83214", "74532", 750.0),
        ("56108", "62947", 320.0),
        ("71354", "83462", 450.0),
        ("47329", "52013", 290.0),
        ("69238", "51479", 630.0),
        ("94016", "83214", 980.0),
        ("94016", "94704", 600.0),
        ("94704", "08540", 2550.0),
        ("94016", "08540", 1950.0),
        ("62947", "47329", 1053.0),
        ("94016", "62947", 780.0),
        ("74532", "94016", 880.0),
    )
}


class VehicleControlAPI(FunctionService):
    """Drive, look after and inspect a car."""

    about: ClassVar[str] = "The controls of a car."
    seed: ClassVar[int] = 141053
    defaults: ClassVar[Mapping[str, Any]] = {
        "fuelLevel": 0.0,
        "batteryVoltage": 12.6,
        "engineState": "stopped",
        "doorStatus": dict.fromkeys(_DOORS, "unlocked"),
        "acTemperature": 25.0,
        "fanSpeed": 50,
        "acMode": "auto",
        "humidityLevel": 50.0,
        "headLightStatus": "off",
        "parkingBrakeStatus": "released",
        "parkingBrakeForce": 0.0,
        "slopeAngle": 0.0,
        "brakePedalStatus": "released",
        "brakePedalForce": 0.0,
        "distanceToNextVehicle": 50.0,
        "cruiseStatus": "inactive",
        "destination": "None",
        "frontLeftTirePressure": 32.0,
        "frontRightTirePressure": 32.0,
        "rearLeftTirePressure": 30.0,
        "rearRightTirePressure": 30.0,
    }

    fuelLevel: float
    batteryVoltage: float
    doorStatus: dict[str, str]
    acTemperature: float
    fanSpeed: int
    acMode: str
    humidityLevel: float
    headLightStatus: str
    parkingBrakeStatus: str
    brakePedalStatus: str
    distanceToNextVehicle: float
    cruiseStatus: str
    destination: str

    def __init__(self, scenario: Scenario | None = None, *, filler: Filler | None = None) -> None:
        super().__init__(scenario, filler=filler)
        self.long_context = self._padded
        state = vars(self)
        self.engine_state: str = state.pop("engineState")
        self._parkingBrakeForce: float = state.pop("parkingBrakeForce")
        self._slopeAngle: float = state.pop("slopeAngle")
        self._brakePedalForce: float = state.pop("brakePedalForce")
        self.remainingUnlockedDoors = 4 - list(self.doorStatus.values()).count("locked")

    def startEngine(self, ignitionMode: str) -> Answer:
        """Start the engine. All doors must be locked and the brake pedal fully pressed.

        Args:
            ignitionMode: "START" or "STOP".
        """
        if ignitionMode == "STOP":
            self.engine_state = "stopped"
        if self.remainingUnlockedDoors > 0:
            unlocked = ", ".join(door for door, status in self.doorStatus.items() if status == "unlocked")
            start = "All doors must be locked before starting the engine."
            return {"error": f"{start} Here are the unlocked doors: {unlocked}"}
        if self.brakePedalStatus != "pressed":
            return {"error": "Brake pedal needs to be pressed when starting the engine."}
        if self._brakePedalForce != _FULL_BRAKE_NEWTONS:
            return {"error": "Must press the brake fully before starting the engine."}
        if self.fuelLevel < 0:
            return {"error": "Fuel tank is empty."}
        if ignitionMode != "START":
            return {"error": "Invalid ignition mode."}
        self.engine_state = "running"
        return {
            "engineState": self.engine_state,
            "fuelLevel": self.fuelLevel,
            "batteryVoltage": self.batteryVoltage,
        }

    def fillFuelTank(self, fuelAmount: float) -> Answer:
        """Fill fuel into the tank, which holds 50 gallons.

        Args:
            fuelAmount: Gallons to add.
        """
        if fuelAmount < 0:
            return {"error": "Fuel amount cannot be negative."}
        if self.fuelLevel + fuelAmount > _TANK_GALLONS:
            return {"error": "Cannot fill gas above the tank capacity."}
        self.fuelLevel += fuelAmount
        return {"fuelLevel": self.fuelLevel}

    def lockDoors(self, unlock: bool, door: list[str]) -> Answer:
        """Lock or unlock doors.

        Args:
            unlock: True to unlock, False to lock.
            door: The doors: driver, passenger, rear_left, rear_right.
        """
        unknown = [name for name in door if name not in self.doorStatus]
        if unknown:
            return {"error": f"Unknown doors: {', '.join(unknown)}"}
        status = "unlocked" if unlock else "locked"
        for name in door:
            if self.doorStatus[name] != status:
                self.doorStatus[name] = status
                self.remainingUnlockedDoors += 1 if unlock else -1
        return {"lockStatus": status, "remainingUnlockedDoors": self.remainingUnlockedDoors}

    def adjustClimateControl(
        self, temperature: float, unit: str = "celsius", fanSpeed: int = 50, mode: str = "auto"
    ) -> Answer:
        """Set the climate.

        Args:
            temperature: Temperature in degrees.
            unit: "celsius" or "fahrenheit".
            fanSpeed: From 0 to 100.
            mode: "auto", "cool", "heat" or "defrost".
        """
        if not 0 <= fanSpeed <= 100:
            return {"error": "Fan speed must be between 0 and 100."}
        self.acTemperature = (temperature - 32) * 5 / 9 if unit == "fahrenheit" else temperature
        self.fanSpeed = fanSpeed
        self.acMode = mode
        return {
            "currentACTemperature": temperature,
            "climateMode": mode,
            "humidityLevel": self.humidityLevel,
        }

    def get_outside_temperature_from_google(self) -> Answer:
        """Measure the temperature outside, in degrees Celsius."""
        temperature = {"outsideTemperature": self._random.uniform(-10.0, 40.0)}
        return {**self._filler.long_weather_extension, **temperature} if self._padded else temperature

    def get_outside_temperature_from_weather_com(self) -> Answer:
        """Ask weather.com for the temperature outside."""
        return {"error": 404}

    def setHeadlights(self, mode: str) -> Answer:
        """Switch the headlights.

        Args:
            mode: "on", "off" or "auto".
        """
        if mode not in ("on", "off", "auto"):
            return {"error": "Invalid headlight mode."}
        self.headLightStatus = "on" if mode == "on" else "off"
        return {"headlightStatus": self.headLightStatus}

    def displayCarStatus(self, option: str) -> Answer:
        """Show a part of the car's state.

        Args:
            option: fuel, battery, doors, climate, headlights, parkingBrake, brakePedal or engine.
        """
        parts: dict[str, Answer] = {
            "fuel": {"fuelLevel": self.fuelLevel},
            "battery": {"batteryVoltage": self.batteryVoltage},
            "doors": {"doorStatus": self.doorStatus},
            "climate": {
                "currentACTemperature": self.acTemperature,
                "fanSpeed": self.fanSpeed,
                "climateMode": self.acMode,
                "humidityLevel": self.humidityLevel,
            },
            "headlights": {"headlightStatus": self.headLightStatus},
            "parkingBrake": {
                "parkingBrakeStatus": self.parkingBrakeStatus,
                "parkingBrakeForce": self._parkingBrakeForce,
                "slopeAngle": self._slopeAngle,
            },
            "brakePedal": {
                "brakePedalStatus": self.brakePedalStatus,
                "brakePedalForce": self._brakePedalForce,
            },
            "engine": {"engineState": self.engine_state},
        }
        metadata = {"metadata": self._filler.car_status_metadata_extension} if self._padded else {}
        return {**metadata, **parts.get(option, {"error": "Invalid option"})}

    def activateParkingBrake(self, mode: str) -> Answer:
        """Engage or release the parking brake.

        Args:
            mode: "engage" or "release".
        """
        if mode not in ("engage", "release"):
            return {"error": "Invalid mode"}
        self.parkingBrakeStatus = f"{mode}d"
        self._parkingBrakeForce = 500.0 if mode == "engage" else 0.0
        self._slopeAngle = 10.0
        instruction = {"parkingBrakeInstruction": self._filler.parking_brake_instruction}
        return {
            **(instruction if self._padded else {}),
            "parkingBrakeStatus": self.parkingBrakeStatus,
            "_parkingBrakeForce": self._parkingBrakeForce,
            "_slopeAngle": self._slopeAngle,
        }

    def pressBrakePedal(self, pedalPosition: float) -> Answer:
        """Press the brake pedal; it stays pressed until it is released.

        Args:
            pedalPosition: From 0, not pressed, to 1, fully pressed.
        """
        if not 0 <= pedalPosition <= 1:
            return {"error": "Pedal position must be between 0 and 1."}
        if pedalPosition == 0:
            return self.releaseBrakePedal()
        self.brakePedalStatus = "pressed"
        self._brakePedalForce = pedalPosition * _FULL_BRAKE_NEWTONS
        return {"brakePedalStatus": "pressed", "brakePedalForce": float(self._brakePedalForce)}

    def releaseBrakePedal(self) -> Answer:
        """Release the brake pedal."""
        self.brakePedalStatus = "released"
        self._brakePedalForce = 0.0
        return {"brakePedalStatus": "released", "brakePedalForce": 0.0}

    def setCruiseControl(self, speed: float, activate: bool, distanceToNextVehicle: float) -> Answer:
        """Switch the cruise control. The engine must run.

        Args:
            speed: Speed, between 0 and 120 and a multiple of 5.
            activate: True to switch it on, False to switch it off.
            distanceToNextVehicle: Distance to keep, in metres.
        """
        if self.engine_state == "stopped":
            return {"error": "Start the engine before activating the cruise control."}
        self.distanceToNextVehicle = float(distanceToNextVehicle)
        if activate and not (0 <= speed <= 120 and speed % 5 == 0):
            return {"error": "Invalid speed"}
        self.cruiseStatus = "active" if activate else "inactive"
        return {
            "cruiseStatus": self.cruiseStatus,
            "currentSpeed": float(speed),
            "distanceToNextVehicle": float(distanceToNextVehicle),
        }

    def get_current_speed(self) -> Answer:
        """Measure the speed, in km/h."""
        return {"currentSpeed": self._random.uniform(0.0, 120.0)}

    def display_log(self, messages: list[str]) -> Answer:
        """Show messages.

        Args:
            messages: The messages.
        """
        return {"log": messages}

    def estimate_drive_feasibility_by_mileage(self, distance: float) -> Answer:
        """Tell whether the fuel is enough for a distance.

        Args:
            distance: Distance in miles.
        """
        return {"canDrive": self.fuelLevel * _MILES_PER_GALLON >= distance}

    def liter_to_gallon(self, liter: float) -> Answer:
        """Convert litres to gallons.

        Args:
            liter: Number of litres.
        """
        return {"gallon": liter * 0.264172}

    def gallon_to_liter(self, gallon: float) -> Answer:
        """Convert gallons to litres.

        Args:
            gallon: Number of gallons.
        """
        return {"liter": gallon * 3.78541}

    def estimate_distance(self, cityA: str, cityB: str) -> Answer:
        """Estimate the distance between two cities, in km.

        Args:
            cityA: Zip code of the first city.
            cityB: Zip code of the second city.
        """
        distance = _DISTANCES_KM.get(frozenset((cityA, cityB)))
        answer: Answer = (
            {"error": "distance not found in database."} if distance is None else {"distance": distance}
        )
        return {**answer, "intermediaryCities": self._filler.intermediary_cities} if self._padded else answer

    def get_zipcode_based_on_city(self, city: str) -> Answer:
        """Look up the zip code of a city.

        Args:
            city: Name of the city.
        """
        return {"zipcode": ZIP_CODES.get(city, "00000")}

    def set_navigation(self, destination: str) -> Answer:
        """Navigate to a place.

        Args:
            destination: The place, as street, city, state.
        """
        self.destination = destination
        return {"status": f"Navigating to {destination}"}

    def check_tire_pressure(self) -> Answer:
        """Measure the pressure of the tyres, in psi."""
        pressures = {tyre: getattr(self, tyre) for tyre in _TYRES}
        return {
            **pressures,
            "healthy_tire_pressure": 30 <= sum(pressures.values()) / 4 <= 35,
            "car_info": self._filler.car_status_metadata_extension if self._padded else {},
        }

    def find_nearest_tire_shop(self) -> Answer:
        """Find the nearest tyre shop."""
        return {"shopLocation": "456 Oakwood Avenue, Rivermist, 83214"}
