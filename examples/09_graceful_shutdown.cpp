// SIGINT or SIGTERM starts a graceful shutdown: running calls finish, new ones are refused, then `run()` returns.
//
//     graceful_shutdown [ADDRESS]        then call its task `work`, and press Ctrl-C meanwhile
#include <echosocket/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_future.hpp>

#include <csignal>
#include <iostream>
#include <string>

namespace asio = boost::asio;
namespace es = echosocket;
using namespace std::chrono_literals;

asio::awaitable<std::string> work(es::task_context& call) {
    std::cout << "working for " << call.peer().name() << std::endl;
    co_await call.sleep_for(500ms);
    co_return "done";
}

asio::awaitable<int> serve(es::server& server, asio::signal_set& signals) {
    auto report = co_await server.run();
    signals.cancel();  // so that nothing keeps the io_context running
    if (!report) {
        std::cerr << report.error().message() << '\n';
        co_return 1;
    }
    std::cout << report->drained << " drained, " << report->cancelled << " cancelled" << std::endl;
    co_return 0;
}

int main(int argc, char** argv) {
    asio::io_context io;
    es::server server{io.get_executor(), {.listen = {argc > 1 ? argv[1] : "127.0.0.1:8080"}, .drain_timeout = 5s}};
    server.on("work", work);

    asio::signal_set signals{io, SIGINT, SIGTERM};
    signals.async_wait([&](boost::system::error_code error, int) {
        if (!error) server.stop();
    });
    if (server.listen()) std::cout << "listening on " << server.addresses().front() << std::endl;
    auto exit_code = asio::co_spawn(io, serve(server, signals), asio::use_future);
    io.run();
    return exit_code.get();
}
