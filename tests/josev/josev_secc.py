#!/usr/bin/env python3
"""Josev's charger for one DIN 70121 DC charge: it ends by itself, and its voltage follows the car (the stock one shows 1 V for ever).

Exit: 0 the car stopped the session in order, 1 Josev ended it (the verdict says why), 3 time limit.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import asyncio

from iso15118.secc import SECCHandler
from iso15118.secc.controller.simulator import SimEVSEController
from iso15118.secc.secc_settings import Config
from iso15118.shared.messages.datatypes import (
    DCEVSEChargeParameter, PVEVSEMaxCurrentLimit, PVEVSEMaxPowerLimit, PVEVSEMaxVoltageLimit, PVEVSEMinCurrentLimit,
    PVEVSEMinVoltageLimit, PVEVSEPeakCurrentRipple)
from iso15118.shared.notifications import StopNotification

from josev_common import arguments, close_soon, finish, warm_codec

VOLTS, AMPS = 500, 200


class Station(SimEVSEController):
    """500 V, 200 A; shows what the car asked for."""

    def __init__(self):
        super().__init__()
        self.show(0, 0)

    def show(self, volts, amps):
        self.evse_data_context.present_voltage = volts
        self.evse_data_context.present_current = amps

    async def send_charging_command(self, ev_target_voltage, ev_target_current, is_precharge=False, is_session_bpt=False):
        volts = self.evse_data_context.present_voltage if ev_target_voltage is None else int(min(float(ev_target_voltage), VOLTS))
        amps = 0 if is_precharge or ev_target_current is None else int(min(float(ev_target_current), AMPS))
        self.show(volts, amps)

    async def start_cable_check(self):
        self.show(0, 0)

    async def stop_charger(self):
        self.show(0, 0)

    async def get_dc_charge_parameters(self):
        return DCEVSEChargeParameter(
            dc_evse_status=await self.get_dc_evse_status(),
            evse_maximum_power_limit=PVEVSEMaxPowerLimit(multiplier=1, value=VOLTS * AMPS // 10, unit='W'),
            evse_maximum_current_limit=await self.get_evse_max_current_limit(),
            evse_maximum_voltage_limit=await self.get_evse_max_voltage_limit(),
            evse_minimum_current_limit=PVEVSEMinCurrentLimit(multiplier=0, value=0, unit='A'),
            evse_minimum_voltage_limit=PVEVSEMinVoltageLimit(multiplier=0, value=50, unit='V'),
            evse_peak_current_ripple=PVEVSEPeakCurrentRipple(multiplier=0, value=1, unit='A'))

    async def get_evse_max_voltage_limit(self):
        return PVEVSEMaxVoltageLimit(multiplier=0, value=VOLTS, unit='V')

    async def get_evse_max_current_limit(self):
        return PVEVSEMaxCurrentLimit(multiplier=0, value=AMPS, unit='A')


class Notices(asyncio.Queue):
    def __init__(self):
        super().__init__()
        self.ends = asyncio.Queue()

    def put_nowait(self, item):
        super().put_nowait(item)
        if isinstance(item, StopNotification):
            self.ends.put_nowait(item)


async def serve(config, codec, limit):
    handler = SECCHandler(exi_codec=codec, evse_controller=Station(), config=config)
    handler._rcv_queue = Notices()
    task = asyncio.create_task(handler.start(config.iface))
    try:
        notice = await asyncio.wait_for(handler._rcv_queue.ends.get(), limit)
    except asyncio.TimeoutError:
        return 3, 'time limit'
    await asyncio.sleep(0.5)
    task.cancel()
    return (0 if notice.successful else 1), notice.reason


async def main():
    options = arguments(argparse.ArgumentParser())
    config = Config()
    config.load_envs()
    codec = warm_codec()
    close_soon()
    code, reason = await serve(config, codec, options.limit)
    finish(codec, code, reason=reason)


asyncio.run(main())
