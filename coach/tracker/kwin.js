// Tells the tracker which window has the focus and what its title is, whenever one of them changes.
// KWin 6 speaks of windows, KWin 5 of clients.
const activated = workspace.windowActivated || workspace.clientActivated;
let front = null;

function tell() {
    callDBus("org.coach.Tracker", "/org/coach/Tracker", "org.coach.Tracker", "Front",
        front ? String(front.resourceClass) : "", front ? String(front.caption) : "", front ? String(front.pid) : "0");
}

function follow(window) {
    if (front) {
        front.captionChanged.disconnect(tell);
    }
    front = window || null;
    if (front) {
        front.captionChanged.connect(tell);
    }
    tell();
}

activated.connect(follow);
follow(workspace.activeWindow || workspace.activeClient);
