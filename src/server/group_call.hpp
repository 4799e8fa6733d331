// One call to many peers, and their answers as they arrive.
#pragma once

#include "async/async_completion.hpp"
#include "connection/connection.hpp"

#include <echosocket/group.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace echosocket::net {
struct pending_call;
}

namespace echosocket::detail {

/// Thread safety: all members may be called from any thread.
/// Lifetime: shared by the caller's handle and by each running call.
class group_call : public std::enable_shared_from_this<group_call> {
public:
    using connection_ptr = std::shared_ptr<net::connection>;

    explicit group_call(std::size_t quorum) noexcept : quorum_(quorum) {}

    /// Calls all of them; to be called once.
    void ask(const std::vector<connection_ptr>& members, std::string_view task, encoded_body&& body,
             std::chrono::milliseconds timeout);
    /// Empty once no more answers will come.
    [[nodiscard]] asio::awaitable<std::optional<raw_answer>> next();
    /// Cancels what is still running; no more answers come.
    void close();

private:
    struct running_call {
        connection_ptr connection;
        std::shared_ptr<net::pending_call> call;
    };

    void take(const connection_ptr& from, std::uint64_t number, result<raw_reply> reply);
    void add(const connection_ptr& from, std::uint64_t number, result<raw_reply> reply);
    void cancel(std::vector<running_call> calls);
    [[nodiscard]] std::vector<running_call> take_running();
    /// What `next` returns, if it need not wait.
    [[nodiscard]] std::optional<std::optional<raw_answer>> ready();

    const std::size_t quorum_;
    std::mutex mutex_;
    std::unordered_map<std::uint64_t, running_call> running_;
    std::deque<raw_answer> answers_;
    std::size_t succeeded_ = 0;
    bool closed_ = false;
    std::optional<net::async_completion<std::optional<raw_answer>>> waiting_;
};

}  // namespace echosocket::detail
