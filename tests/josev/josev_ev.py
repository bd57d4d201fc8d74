#!/usr/bin/env python3
"""Josev's EV on one DIN 70121 DC charge, with an exit code and with a battery that makes sense (the stock one wants 500 V, 1 A).

Exit: 0 charged and stopped in order, 1 Josev ended the session (the verdict says why), 2 no connection, 3 time limit.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import asyncio
import json
import tempfile

from iso15118.evcc import Config, EVCCHandler
from iso15118.evcc.controller import simulator
from iso15118.evcc.evcc_config import load_from_file
from iso15118.shared.messages.datatypes import PVEVMaxCurrentLimit, PVEVMaxVoltageLimit, PVEVTargetCurrent, PVEVTargetVoltage
from iso15118.shared.notifications import StopNotification

from josev_common import arguments, close_soon, finish, warm_codec

HEADROOM_V = 50     # voltage limit above the battery


class Battery(simulator.SimEVController):
    """Closes its contactors within 20 V of its battery, asks for at most 1 A before that. In the loop it sends its voltage limit as
    target, as most real cars do: a target of the battery's own voltage draws no current."""

    def __init__(self, config, options):
        super().__init__(config)
        self.options, self.closed = options, False
        params = self.dc_ev_charge_params
        params.dc_target_voltage = PVEVTargetVoltage(multiplier=0, value=options.volts + HEADROOM_V, unit='V')
        params.dc_target_current = PVEVTargetCurrent(multiplier=0, value=options.amps, unit='A')
        params.dc_max_voltage_limit = PVEVMaxVoltageLimit(multiplier=0, value=options.volts + HEADROOM_V, unit='V')
        params.dc_max_current_limit = PVEVMaxCurrentLimit(multiplier=0, value=2 * options.amps, unit='A')

    async def get_dc_charge_params(self):
        if self.closed:
            return self.dc_ev_charge_params
        return self.dc_ev_charge_params.copy(update={
            'dc_target_voltage': PVEVTargetVoltage(multiplier=0, value=self.options.volts, unit='V'),
            'dc_target_current': PVEVTargetCurrent(multiplier=0, value=1, unit='A')})

    async def is_precharged(self, present_voltage_evse):
        self.closed = abs(float(present_voltage_evse.get_decimal_value()) - self.options.volts) <= 20
        return self.closed

    async def get_dc_ev_power_delivery_parameter(self):
        return simulator.DCEVPowerDeliveryParameter(
            dc_ev_status=await self.get_dc_ev_status(), bulk_charging_complete=False,
            charging_complete=await self.is_charging_complete())


class Verdict(asyncio.Queue):
    """Josev's handler reads this queue and would go on for ever; the notice of the end is kept back for us."""

    def __init__(self):
        super().__init__()
        self.end = asyncio.get_running_loop().create_future()

    def put_nowait(self, item):
        if not isinstance(item, StopNotification):
            super().put_nowait(item)
        elif not self.end.done():
            self.end.set_result(item)


class Handler(EVCCHandler):
    async def start_comm_session(self, *args):
        await super().start_comm_session(*args)
        if not self.comm_session[1] and not self._rcv_queue.end.done():
            self._rcv_queue.end.set_result(None)


async def charge(config, interface, codec, options):
    handler = Handler(evcc_config=config, iface=interface, exi_codec=codec, ev_controller=Battery(config, options))
    handler._rcv_queue = Verdict()
    task = asyncio.create_task(handler.start())
    try:
        notice = await asyncio.wait_for(handler._rcv_queue.end, options.limit)
    except asyncio.TimeoutError:
        return 3, 'time limit'
    finally:
        task.cancel()
    if notice is None:
        return 2, 'no connection'
    return (0 if notice.successful else 1), notice.reason


async def car_config(loops):
    settings = {'supportedProtocols': ['DIN_SPEC_70121'], 'supportedEnergyServices': ['DC'], 'energyTransferMode': 'DC_extended',
                'useTls': False, 'enforceTls': False, 'sdpRetryCycles': 1, 'chargeLoopCycle': loops, 'chargeLoopDelay': 0}
    with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
        json.dump(settings, file)
        file.flush()
        config = await load_from_file(file.name)
    assert config.supported_protocols, 'Josev fell back to its defaults: it did not read the settings'
    return config


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--volts', type=int, default=400)
    parser.add_argument('--amps', type=int, default=50)
    parser.add_argument('--loops', type=int, default=10, help='CurrentDemand cycles, as Josev counts them')
    options = arguments(parser)
    settings = Config()
    settings.load_envs()
    config = await car_config(options.loops)
    codec = warm_codec()
    close_soon()
    code, reason = await charge(config, settings.iface, codec, options)
    finish(codec, code, reason=reason)


asyncio.run(main())
