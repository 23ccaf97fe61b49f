"""Make pv_reference.csv: what pvlib python says about sun, irradiance and power.

    python3 -m venv /tmp/pv && /tmp/pv/bin/pip install pvlib==0.16.1 numpy==2.4.6 pandas==3.1.1
    /tmp/pv/bin/python pv_reference.py > pv_reference.csv

Each row is one instant at one plant: inputs, then every stage of the
calculation. Weather is that of a clear or hazy sky by simple formulas; it only
has to be plausible. The sun's position is by the NREL SPA, true (without
refraction), which is good to 0.0003 degrees.
"""

import sys

import numpy as np
import pandas as pd
import pvlib

SITES = [  # latitude, longitude, tilt, azimuth, albedo
    (36.1, -79.95, 30.0, 180.0, 0.2),
    (53.1, 8.2, 40.0, 225.0, 0.2),
    (-33.9, 18.4, 25.0, 0.0, 0.25),
    (1.3, 103.8, 10.0, 90.0, 0.15),
    (64.1, -21.9, 90.0, 180.0, 0.6),
]
PEAK, GAMMA, LOSSES, RATIO, NOMINAL = 5.0, -0.0047, 0.14, 1.2, 0.96
COLUMNS = (
    "time,latitude,longitude,tilt,azimuth,albedo,ghi,dni,dhi,temp_air,wind_speed,"
    "zenith,sun_azimuth,extraterrestrial,poa,cell,dc,ac"
)


def main():
    assert pvlib.__version__ == "0.16.1", pvlib.__version__
    print("# pvlib %s, numpy %s, pandas %s; made by pv_reference.py"
          % (pvlib.__version__, np.__version__, pd.__version__))
    print("# peak %g kW, gamma %g 1/K, losses %g, dc_ac_ratio %g, inverter %g"
          % (PEAK, GAMMA, LOSSES, RATIO, NOMINAL))
    print(COLUMNS)
    for number, (latitude, longitude, tilt, azimuth, albedo) in enumerate(SITES):
        times = pd.date_range("2012-01-05T00:17:00Z", "2041-12-30T00:00:00Z", periods=120)
        times = times.round("s")
        sun = pvlib.solarposition.get_solarposition(times, latitude, longitude, method="nrel_numpy")
        zenith = sun["zenith"]
        extra = pvlib.irradiance.get_extra_radiation(times, method="spencer")
        haze = np.resize([1.0, 0.7, 0.35, 0.0, 0.9], len(times))
        cos = np.cos(np.radians(zenith)).clip(lower=0)
        dni = haze * 900 * (cos > 0.02)
        dhi = (60 + 150 * (1 - haze)) * cos**0.5
        ghi = dhi + dni * cos
        temp_air = 12 + 14 * np.sin(np.arange(len(times)) + number)
        wind = 3 + 3 * np.cos(2.0 * np.arange(len(times)))
        aoi = pvlib.irradiance.aoi(tilt, azimuth, zenith, sun["azimuth"])
        total = pvlib.irradiance.get_total_irradiance(
            tilt, azimuth, zenith, sun["azimuth"], dni, ghi, dhi,
            dni_extra=extra, albedo=albedo, model="haydavies")
        poa = total["poa_global"]
        cell = pvlib.temperature.faiman(poa, temp_air, wind, u0=25.0, u1=6.84)
        dc = pvlib.pvsystem.pvwatts_dc(poa, cell, PEAK, GAMMA) * (1 - LOSSES)
        ac = pvlib.inverter.pvwatts(dc, PEAK / RATIO / NOMINAL, NOMINAL)
        assert aoi.notna().all()
        for i, time in enumerate(times):
            if zenith.iloc[i] > 96:
                continue  # night, when there is nothing to compare
            values = [latitude, longitude, tilt, azimuth, albedo, ghi.iloc[i], dni.iloc[i],
                      dhi.iloc[i], temp_air[i], wind[i], zenith.iloc[i], sun["azimuth"].iloc[i],
                      extra.iloc[i], poa.iloc[i], cell.iloc[i], dc.iloc[i], ac.iloc[i]]
            print(time.strftime("%Y-%m-%dT%H:%M:%SZ") + "," + ",".join("%.12g" % v for v in values))


if __name__ == "__main__":
    sys.exit(main())
