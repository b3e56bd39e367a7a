"""Drives the simulator with the vendor's own client, lc-sdk-python. Usage: vendor_sdk.py HOST:PORT TOKEN CHAT"""

import sys
import time

from livechat.agent import AgentRTM, AgentWeb

host, token, chat_id = sys.argv[1:]
checks = []


def check(name, holds):
    checks.append(name)
    if not holds:
        sys.exit(f"vendor sdk: {name} FAILED")


def pushes(client, action):
    return [m for m in client.ws.messages if m.get("action") == action and m.get("type") == "push"]


def wait_for(client, action):
    for _ in range(50):
        if pushes(client, action):
            return pushes(client, action)[0]["payload"]
        time.sleep(0.1)
    sys.exit(f"vendor sdk: no push {action}")


for version in ["3.5", "3.6", "3.7"]:
    rtm = AgentRTM.get_client(version=version, base_url=host)
    rtm.open_connection(ping_interval=1, ping_timeout=0.9)
    refused = rtm.login(payload={"token": "Basic bm8="})
    check(f"{version} refuses a bad token", not refused.success and refused.payload["error"]["type"] == "authentication")
    login = rtm.login(payload={"token": token, "reconnect": True})
    check(f"{version} logs in", login.success and login.payload["my_profile"]["id"] == "ola@acme.example")
    summary = login.payload["chats_info" if version == "3.7" else "chats_summary"]
    check(f"{version} names the chat", [c["id"] for c in summary] == [chat_id])
    chat = rtm.get_chat(chat_id=chat_id)
    check(f"{version} reads the chat", chat.payload["thread"]["active"] is True)
    customer = next(u for u in chat.payload["users"] if u["type"] == "customer")
    check(f"{version} names the visit", ("last_visit" if version == "3.5" else "visit") in customer)
    sent = rtm.send_event(chat_id=chat_id, event={"type": "message", "text": "hello"})
    check(f"{version} sends", sent.success)
    event = wait_for(rtm, "incoming_event")["event"]
    check(f"{version} hears itself", event["id"] == sent.payload["event_id"])
    missing = rtm.get_chat(chat_id="NOSUCHCHAT")
    check(f"{version} says not found", missing.payload["error"]["type"] == "not_found")

    web = AgentWeb.get_client(access_token=token, version=version, base_url=host, verify=False)
    check(f"{version} lists chats over HTTP", web.list_chats().json()["found_chats"] == 1)
    check(f"{version} lists threads", len(web.list_threads(chat_id=chat_id).json()["threads"]) == 1)
    changed = web.update_customer(id=customer["id"], name=f"Nadia {version}")
    check(f"{version} changes the visitor", changed.status_code == 200 and changed.json() == {})
    check(f"{version} is told of the change", wait_for(rtm, "customer_updated")["name"] == f"Nadia {version}")
    check(f"{version} reads the visitor", web.get_customer(id=customer["id"]).json()["name"] == f"Nadia {version}")
    statuses = web.list_routing_statuses().json()
    check(f"{version} lists statuses", {"agent_id": "ola@acme.example", "status": "accepting_chats"} in statuses)
    stranger = AgentWeb.get_client(access_token="Bearer no", version=version, base_url=host, verify=False)
    check(f"{version} refuses strangers", stranger.list_chats().status_code == 401)
    time.sleep(1.5)
    check(f"{version} keeps the connection", rtm.list_chats().success)
    rtm.close_connection()

rtm = AgentRTM.get_client(version="3.6", base_url=host)
rtm.open_connection()
rtm.login(payload={"token": token, "reconnect": True})
web = AgentWeb.get_client(access_token=token, version="3.6", base_url=host, verify=False)
check("ends the chat", web.deactivate_chat(id=chat_id).status_code == 200)
check("is told of the end", wait_for(rtm, "chat_deactivated")["chat_id"] == chat_id)
check("keeps the archive", web.list_archives().json()["found_chats"] == 1)
rtm.close_connection()
print(f"vendor sdk: {len(checks)} checks OK")
