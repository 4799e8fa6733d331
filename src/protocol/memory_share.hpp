// What a connection holds in memory for the other end.
#pragma once

#include <cstddef>
#include <utility>

namespace echosocket::protocol {

/// Where it is counted; the driver's.
class memory_account {
public:
    virtual void hold(std::size_t bytes) noexcept = 0;
    virtual void release(std::size_t bytes) noexcept = 0;
    /// Is so much held that new work is to be refused?
    [[nodiscard]] virtual bool is_short() const noexcept = 0;

    /// What took `before` bytes takes `after` now.
    void change(std::size_t before, std::size_t after) noexcept {
        if (after > before) hold(after - before);
        if (after < before) release(before - after);
    }

protected:
    ~memory_account() = default;
};

/// Bytes that are held for as long as this lives; the account outlives it.
class memory_share {
public:
    memory_share() = default;
    memory_share(memory_account* account, std::size_t bytes) noexcept : account_(account), bytes_(bytes) {
        if (account_ != nullptr) account_->hold(bytes_);
    }
    memory_share(memory_share&& other) noexcept
        : account_(std::exchange(other.account_, nullptr)), bytes_(other.bytes_) {}
    memory_share& operator=(memory_share&& other) noexcept {
        std::swap(account_, other.account_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    ~memory_share() {
        if (account_ != nullptr) account_->release(bytes_);
    }

private:
    memory_account* account_ = nullptr;
    std::size_t bytes_ = 0;
};

}  // namespace echosocket::protocol
