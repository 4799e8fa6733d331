#include "cli/tasks/resolve.hpp"

#include "cli/units.hpp"
#include "io/resolve.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <cstring>
#include <utility>

namespace echosocket::cli {

namespace {

using asio::ip::tcp;

std::vector<tcp::endpoint> as_tcp(const net::endpoints& found) {
    std::vector<tcp::endpoint> endpoints(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        std::memcpy(endpoints[i].data(), found[i].data(), found[i].size());
        endpoints[i].resize(found[i].size());
    }
    return endpoints;
}

}  // namespace

asio::awaitable<result<std::vector<tcp::endpoint>>> resolve(std::string host, std::uint16_t port,
                                                            std::chrono::seconds patience, std::shared_ptr<void> held) {
    net::address where;
    where.host = std::move(host);
    where.port = port;
    if (const auto literal = net::literal_endpoint(where)) co_return as_tcp({*literal});

    const auto lookup = net::name_lookup::start(where, std::move(held));
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, patience);
    timer.async_wait([lookup](const boost::system::error_code& stopped) {
        if (!stopped) lookup->cancel();
    });
    auto found = co_await lookup->wait();
    if (found) co_return as_tcp(*found);
    if (found.error().code != errc::cancelled) co_return failure(errc::task_failed, found.error().detail);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        throw boost::system::system_error(asio::error::operation_aborted);
    co_return failure(errc::task_failed, "no address of " + where.host + " was found in " + format_duration(patience));
}

}  // namespace echosocket::cli
