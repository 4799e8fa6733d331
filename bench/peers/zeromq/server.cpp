// An echo server in ZeroMQ's own style: a ROUTER that sends every message back to its sender.
#include "serving.hpp"

#include <string>
#include <zmq.hpp>

int main() {
    zmq::context_t context(1);
    zmq::socket_t router(context, zmq::socket_type::router);
    router.set(zmq::sockopt::sndhwm, 0);
    router.set(zmq::sockopt::rcvhwm, 0);
    router.bind("tcp://127.0.0.1:*");
    const auto address = router.get(zmq::sockopt::last_endpoint);
    echosocket::bench::announce(static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1))));
    for (;;) {
        zmq::message_t part;
        if (!router.recv(part)) continue;
        const bool more = part.more();
        router.send(part, more ? zmq::send_flags::sndmore : zmq::send_flags::none);
    }
}
