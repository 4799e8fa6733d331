// The ends of a simulated connection, as a server or a client sees them.
#include "simulation/connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/deferred.hpp>

#include <string>

namespace echosocket::testing {

namespace {

using connection_ptr = std::shared_ptr<simulated_connection>;
using wait_for = simulated_connection::wait_for;

struct abort_simulated_wait {
    connection_ptr connection;
    std::size_t end;
    wait_for what;
    void operator()(asio::cancellation_type) const { connection->abort_wait(end, what); }
};

struct start_simulated_wait {
    connection_ptr connection;
    std::size_t end;
    wait_for what;
    template <class Handler>
    void operator()(Handler handler) const {
        if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected())
            slot.template emplace<abort_simulated_wait>(abort_simulated_wait{connection, end, what});
        connection->wait(end, what, net::erased_handler(std::move(handler)));
    }
};

class simulated_transport final : public transport {
public:
    simulated_transport(connection_ptr connection, std::size_t end) : connection_(std::move(connection)), end_(end) {}
    simulated_transport(const simulated_transport&) = delete;
    simulated_transport& operator=(const simulated_transport&) = delete;
    ~simulated_transport() override { simulated_transport::close(); }

    asio::awaitable<boost::system::error_code> wait_readable() override {
        return wait(connection_, end_, wait_for::input);
    }
    asio::awaitable<boost::system::error_code> wait_writable() override {
        return wait(connection_, end_, wait_for::room);
    }
    io_result read_some(asio::mutable_buffer into) override { return connection_->read(end_, into); }
    io_result write_some(std::span<const asio::const_buffer> from) override { return connection_->write(end_, from); }
    void shutdown_send() override { connection_->shutdown_send(end_); }
    void close() override { connection_->close(end_); }
    std::string remote_address() const override { return "link " + std::to_string(connection_->link().number); }

private:
    // Static, because the transport may be closed and destroyed before the end of the wait is delivered.
    static asio::awaitable<boost::system::error_code> wait(connection_ptr connection, std::size_t end, wait_for what) {
        const auto token = asio::as_tuple(asio::deferred);
        auto operation = asio::async_initiate<decltype(token), void(boost::system::error_code)>(
            start_simulated_wait{std::move(connection), end, what}, token);
        const auto [error] = co_await std::move(operation);
        co_return error;
    }

    const connection_ptr connection_;
    const std::size_t end_;
};

}  // namespace

std::pair<std::unique_ptr<transport>, std::unique_ptr<transport>> ends_of(const connection_ptr& connection) {
    return {std::make_unique<simulated_transport>(connection, 0), std::make_unique<simulated_transport>(connection, 1)};
}

}  // namespace echosocket::testing
