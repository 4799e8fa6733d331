// The facts of one connection that other threads may ask for.
#pragma once

#include <echosocket/clock.hpp>
#include <echosocket/peer.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <typeindex>
#include <utility>

namespace echosocket::detail {

/// Written by the connection's strand only, read from anywhere.
class connection_info {
public:
    connection_info(std::uint64_t id, std::string address, time_point since)
        : id_(id), since_(since), address_(std::move(address)) {}
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

protected:
    void set_name(std::string name) {
        name_ = std::move(name);
        named_.store(true, std::memory_order_release);
    }
    void set_gone() noexcept { gone_.store(true, std::memory_order_release); }

    /// A counter with one writer: no locked instruction on the way.
    class counter {
    public:
        void add(std::uint64_t n) noexcept { value_.store(get() + n, std::memory_order_relaxed); }
        void subtract(std::uint64_t n) noexcept { value_.store(get() - n, std::memory_order_relaxed); }
        [[nodiscard]] std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

    private:
        std::atomic<std::uint64_t> value_ = 0;
    };

    counter calls_;
    counter failed_;
    counter running_;
    counter bytes_in_;
    counter bytes_out_;
    counter notifications_in_count_;
    counter notifications_out_count_;
    counter dropped_;

private:
    struct user_data {
        std::shared_ptr<void> data;
        std::type_index type;
    };

    std::mutex mutex_;
    std::unique_ptr<user_data> data_;

    std::uint64_t id_;
    time_point since_;
    std::string address_;
    std::string name_;
    std::atomic<bool> named_ = false;
    std::atomic<bool> gone_ = false;

public:
    [[nodiscard]] std::uint64_t failed_calls() const noexcept { return failed_.get(); }
};

}  // namespace echosocket::detail
