// The first connections of several clients, made at the same time.
#pragma once

#include "async/async_completion.hpp"
#include "client/reconnecting_connection.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace echosocket {

/// Lifetime: owned by shared pointers; lives until each client has tried.
class initial_connect : public std::enable_shared_from_this<initial_connect> {
public:
    using reconnecting_ptr = std::shared_ptr<reconnecting_connection>;
    /// Which of them have to connect for this to succeed.
    enum class needed { all, any };

    initial_connect(const asio::any_io_executor& executor, std::vector<reconnecting_ptr> connections, needed which);

    /// Suspends until each has tried; to be awaited once. If only one is needed, those that failed go on trying.
    ///
    /// Errors: the first failure there was; then all are closed.
    /// Cancellation: terminal, partial, total; ends with `cancelled`.
    [[nodiscard]] asio::awaitable<result<void>> run();

private:
    void begin();
    void tried(const result<void>& done);
    void give_up();
    void end();
    void close_all();

    asio::any_io_executor strand_;
    std::vector<reconnecting_ptr> connections_;
    needed needed_;
    bool given_up_ = false;
    std::size_t not_tried_;
    std::size_t connected_ = 0;
    std::optional<failure> first_failure_;
    std::optional<net::async_completion<result<void>>> waiting_;
};

}  // namespace echosocket
