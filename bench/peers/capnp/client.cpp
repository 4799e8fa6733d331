// Calls through Cap'n Proto's client: a number of connections with a number of calls in flight on each.
#include "calls.hpp"
#include "echo.capnp.h"

#include <capnp/ez-rpc.h>
#include <kj/async-io.h>
#include <deque>

namespace {

using echosocket::bench::arguments;
using echosocket::bench::call_log;

kj::Promise<void> call_again_and_again(Echo::Client& target, call_log& log, std::size_t size, std::uint64_t& number) {
    if (log.over()) return kj::READY_NOW;
    auto body = echosocket::bench::numbered_body(size, ++number);
    auto request = target.callRequest();
    request.setPayload(kj::arrayPtr(reinterpret_cast<const kj::byte*>(body.data()), body.size()));
    const auto began = log.begin();
    return request.send().then([&target, &log, &number, began, body = std::move(body)](auto&& reply) {
        const auto payload = reply.getPayload();
        log.end(began, payload.size() == body.size() && std::memcmp(payload.begin(), body.data(), body.size()) == 0);
        return call_again_and_again(target, log, body.size(), number);
    });
}

int work(const arguments& given) {
    std::deque<capnp::EzRpcClient> connections;
    std::deque<Echo::Client> targets;
    for (std::size_t i = 0; i < given.number("connections", 1); ++i) {
        auto& opened = connections.emplace_back(given.text("address").c_str());
        targets.push_back(opened.getMain<Echo>());
    }
    call_log log(given);
    std::uint64_t number = 0;
    kj::Vector<kj::Promise<void>> calls;
    for (auto& target : targets)
        for (std::size_t i = 0; i < given.number("depth", 1); ++i)
            calls.add(call_again_and_again(target, log, given.number("payload", 64), number));
    kj::joinPromises(calls.releaseAsArray()).wait(connections.front().getWaitScope());
    return log.print();
}

}  // namespace

int main(int count, char** values) {
    return work(arguments(count, values));
}
