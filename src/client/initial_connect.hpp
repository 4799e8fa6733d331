// Some clients that connect for the first time, all at once.
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

/// Lifetime: owned by shared pointers; goes when each client has tried.
class initial_connect : public std::enable_shared_from_this<initial_connect> {
public:
    using link_ptr = std::shared_ptr<reconnecting_connection>;
    /// Which of them have to be connected in the end.
    enum class needed { all, any };

    initial_connect(const asio::any_io_executor& executor, std::vector<link_ptr> links, needed which);

    /// Suspends until each has tried; to be awaited once. Those that failed go on trying where only one is needed.
    ///
    /// Errors: why the first one failed that did; all are closed then.
    /// Cancellation: terminal, partial, total; ends with `cancelled`.
    [[nodiscard]] asio::awaitable<result<void>> run();

private:
    void begin();
    void tried(const result<void>& done);
    void give_up();
    void end();
    void close_all();

    asio::any_io_executor strand_;
    std::vector<link_ptr> links_;
    needed needed_;
    bool given_up_ = false;
    std::size_t left_;
    std::size_t connected_ = 0;
    std::optional<failure> why_;  ///< The first one that there was.
    std::optional<net::async_completion<result<void>>> waiting_;
};

}  // namespace echosocket
