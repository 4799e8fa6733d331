#include "support/scripted_server.hpp"

#include <algorithm>
#include <utility>

namespace echosocket::test {

namespace {

void require(bool holds, const raw_peer::step& at, const std::string& what) {
    BOOST_REQUIRE_MESSAGE(holds, at.file_name() << ":" << at.line() << ": " << what);
}

}  // namespace

scripted_server::scripted_server() {
    config.clock = &clock;
    config.call_timeout = 0ms;
}

scripted_server::~scripted_server() {
    if (server) server->leaves();
    server.reset();
    caller = client();
    settle();
    pass(2s);
}

void scripted_server::connect(testing::faults on_clients_side, testing::faults on_servers_side) {
    auto [near, far] = testing::memory_pipe(on_clients_side, on_servers_side);
    raw_peer::runner run;
    run.settle = [this] { settle(); };
    run.until = [this](const std::function<bool()>& reached) {
        while (!reached()) {
            io.restart();
            if (io.poll() == 0) return;
        }
    };
    server.emplace(std::move(far), std::move(run));
    connecting_.emplace(
        spawn([this, line = std::move(near)]() mutable { return client::connect(std::move(line), config); }));
    settle();
}

void scripted_server::connect_and_greet(const wire::hello& servers) {
    connect();
    server->expects_hello();
    server->sends(raw::hello(servers));
    expect_connected();
}

void scripted_server::expect_connected(raw_peer::step at) {
    settle();
    require(connecting_->done(), at, "the client is still connecting");
    auto connected = connecting_->get();
    require(connected.has_value(), at, "not connected: " + (connected ? "" : connected.error().message()));
    caller = *connected;
}

failure scripted_server::expect_not_connected(raw_peer::step at) {
    settle();
    require(connecting_->done(), at, "the client is still connecting");
    auto connected = connecting_->get();
    require(!connected, at, "the client is connected");
    return connected.error();
}

scripted_server::pending scripted_server::start(std::string_view task, std::string body, call_options options) {
    auto call = spawn([from = caller, task = std::string(task), body = std::move(body), options] {
        return from.call<std::string>(options, task, body);
    });
    settle();
    return call;
}

std::string scripted_server::reply_of(pending& call, raw_peer::step at) {
    settle();
    require(call.done(), at, "the call has not ended");
    auto reply = call.get();
    require(reply.has_value(), at, "the call failed: " + (reply ? "" : reply.error().message()));
    return *reply;
}

failure scripted_server::failure_of(pending& call, raw_peer::step at) {
    settle();
    require(call.done(), at, "the call has not ended");
    auto reply = call.get();
    require(!reply, at, "the call did not fail");
    return reply.error();
}

failure scripted_server::expect_closed(raw_peer::step at) {
    auto ending = spawn([this] { return caller.closed(); });
    settle();
    require(ending.done(), at, "the connection stands");
    require(!caller.connected(), at, "the client thinks that it is connected");
    return ending.get();
}

void scripted_server::expect_usable(raw_peer::step at) {
    auto call = start("echo", "as ever");
    const auto request = server->expects_frame(at);
    require(request.kind == raw::frame_kind::request && request.body == "as ever", at, "no REQUEST came");
    server->sends(raw::response(request.id, "as ever"));
    require(reply_of(call, at) == "as ever", at, "a wrong reply");
}

void scripted_server::pass(duration time, duration step) {
    settle();
    for (; time > duration::zero(); time -= step) {
        clock.advance(std::min(step, time));
        settle();
    }
}

}  // namespace echosocket::test
