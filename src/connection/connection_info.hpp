// The facts of one connection that other threads may ask for.
#pragma once

#include "protocol/engine_state.hpp"
#include "protocol/memory_share.hpp"

#include <echosocket/clock.hpp>
#include <echosocket/peer.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <typeindex>
#include <utility>

namespace echosocket::detail {

/// Written by the connection's strand only, read from anywhere.
class connection_info : public protocol::memory_account {
public:
    /// `max_message` is what the other end is taken to accept until its HELLO tells, in bytes.
    connection_info(std::uint64_t id, std::string address, time_point since, std::uint64_t max_message)
        : id_(id), since_(since), peer_max_message_(max_message), address_(std::move(address)) {}
    connection_info(const connection_info&) = delete;
    connection_info& operator=(const connection_info&) = delete;
    virtual ~connection_info() = default;

    [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
    [[nodiscard]] const std::string& address() const noexcept { return address_; }
    [[nodiscard]] bool connected() const noexcept { return !gone_.load(std::memory_order_acquire); }
    [[nodiscard]] bool is_named() const noexcept { return named_.load(std::memory_order_acquire); }
    /// Empty until the HELLO came.
    [[nodiscard]] std::string name() const { return named_.load(std::memory_order_acquire) ? name_ : std::string(); }
    [[nodiscard]] session_info info(time_point now) const;

    /// Guards what other threads hand over, for moments: one for all of it, since there are many sessions.
    [[nodiscard]] std::mutex& handover_mutex() noexcept { return mutex_; }

    /// What the user attached.
    void set_data(std::shared_ptr<void> data, std::type_index type);
    [[nodiscard]] std::shared_ptr<void> data(std::type_index type);

    /// The largest body that the other end takes, in bytes.
    [[nodiscard]] std::uint64_t peer_max_message() const noexcept {
        return peer_max_message_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] time_point since() const noexcept { return since_; }
    /// It has been told to, so that what it still holds is about to go.
    void set_gives_up_memory() noexcept { gives_up_memory_.store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool gives_up_memory() const noexcept { return gives_up_memory_.load(std::memory_order_relaxed); }
    /// Bytes that it holds in memory for the other end.
    [[nodiscard]] std::size_t memory_held() const noexcept { return memory_held_.load(std::memory_order_relaxed); }
    void hold(std::size_t bytes) noexcept override { memory_held_.fetch_add(bytes, std::memory_order_relaxed); }
    void release(std::size_t bytes) noexcept override { memory_held_.fetch_sub(bytes, std::memory_order_relaxed); }
    [[nodiscard]] bool is_short() const noexcept override { return false; }
    [[nodiscard]] std::uint64_t failed_calls() const noexcept { return failed_.get(); }

    /// Bytes of output that wait for the other end to read.
    [[nodiscard]] std::size_t queued_bytes() const noexcept { return queued_.load(std::memory_order_relaxed); }

    // On the strand.
    void set_introduced(std::string_view name, std::uint64_t max_message) {
        peer_max_message_.store(max_message, std::memory_order_relaxed);
        name_ = name;
        named_.store(true, std::memory_order_release);
    }
    /// The host knows of this connection, and is told of its end.
    void set_opened() noexcept { opened_ = true; }
    [[nodiscard]] bool was_opened() const noexcept { return opened_; }
    void set_gone() noexcept { gone_.store(true, std::memory_order_release); }
    /// So many calls of the other end run on after their first step.
    void set_running(std::size_t calls) noexcept { running_.set(calls); }
    /// So many bytes of output wait for the other end to read; told while the line is full, and once it is not.
    void set_queued(std::size_t bytes) noexcept {
        queued_.store(static_cast<std::uint32_t>(std::min<std::size_t>(bytes, UINT32_MAX)), std::memory_order_relaxed);
    }
    void add_bytes_in(std::size_t bytes) noexcept { bytes_in_.set(bytes_in_.get() + bytes); }
    void add_bytes_out(std::size_t bytes) noexcept { bytes_out_.set(bytes_out_.get() + bytes); }
    /// Makes what the engine has counted known to other threads.
    void publish(const protocol::traffic_counts& counts) noexcept {
        calls_.set(counts.calls);
        failed_.set(counts.failed);
        notifications_in_.set(counts.notifications_in);
        notifications_out_.set(counts.notifications_out);
        dropped_.set(counts.dropped);
    }

private:
    /// With one writer: no locked instruction on the way.
    class counter {
    public:
        void set(std::uint64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }
        [[nodiscard]] std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

    private:
        std::atomic<std::uint64_t> value_ = 0;
    };

    struct user_data {
        std::shared_ptr<void> data;
        std::type_index type;
    };

    std::mutex mutex_;
    std::unique_ptr<user_data> data_;
    std::atomic<std::size_t> memory_held_ = 0;

    std::uint64_t id_;
    time_point since_;
    std::atomic<std::uint64_t> peer_max_message_;
    std::string address_;
    std::string name_;
    std::atomic<bool> named_ = false;
    std::atomic<bool> gone_ = false;
    std::atomic<bool> gives_up_memory_ = false;
    bool opened_ = false;
    std::atomic<std::uint32_t> queued_ = 0;

    counter calls_;
    counter failed_;
    counter running_;
    counter bytes_in_;
    counter bytes_out_;
    counter notifications_in_;
    counter notifications_out_;
    counter dropped_;
};

}  // namespace echosocket::detail
