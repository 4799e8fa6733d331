// The memory of large bodies: hints to the system while one is filled, and a way to give it back while it is sent.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace echosocket::net {

/// Call before `body` is filled up to its capacity: its memory may use large pages, with a fraction of the page faults.
void will_be_filled(std::string& body) noexcept;

/// Call when `body` is complete: returns the pages beyond its end, so that a short body does not keep a large page.
void was_filled(std::string& body) noexcept;

/// A body that is sent piece by piece. If it belongs to nobody else, its memory goes back to the system on the way:
/// freeing tens of megabytes at once would block the thread.
class large_body {
public:
    explicit large_body(std::string own) noexcept : own_(std::move(own)) {}
    explicit large_body(std::shared_ptr<const std::string> of_others) noexcept : others_(std::move(of_others)) {}

    [[nodiscard]] bool is_of_others() const noexcept { return others_ != nullptr; }
    [[nodiscard]] const char* data() const noexcept { return others_ ? others_->data() : own_.data(); }
    [[nodiscard]] std::size_t size() const noexcept { return others_ ? others_->size() : own_.size(); }

    /// The bytes before `end` are no longer read; their contents are lost if they belong to nobody else. Returns whole
    /// pages, and only when it comes to enough.
    void sent_up_to(std::size_t end) noexcept;

private:
    std::string own_;
    std::shared_ptr<const std::string> others_;
    std::size_t given_back_ = 0;
};

}  // namespace echosocket::net
