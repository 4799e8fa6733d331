// Calls through ZeroMQ's DEALER: a number of calls in flight on one connection.
#include "calls.hpp"

#include <deque>
#include <zmq.hpp>

namespace {

using namespace echosocket::bench;

struct under_way {
    std::int64_t began;
    std::uint64_t number;
};

int work(const arguments& given) {
    zmq::context_t context(1);
    zmq::socket_t dealer(context, zmq::socket_type::dealer);
    dealer.connect("tcp://" + given.text("address"));
    const auto size = given.number("payload", 64);
    const auto depth = given.number("depth", 1);
    call_log log(given);
    std::deque<under_way> calls;
    std::uint64_t number = 0;
    while (!calls.empty() || !log.over()) {
        while (calls.size() < depth && !log.over()) {
            calls.push_back({log.begin(), ++number});
            dealer.send(zmq::buffer(numbered_body(size, number)));
        }
        zmq::message_t reply;
        if (!dealer.recv(reply)) return 1;
        log.end(calls.front().began, reply.to_string_view() == numbered_body(size, calls.front().number));
        calls.pop_front();
    }
    return log.print();
}

}  // namespace

int main(int count, char** values) {
    return work(arguments(count, values));
}
