/**
 * Workers that are kept alive: children, supervisors, trees. Level 5 of the package graph, a sibling of {@code engine}
 * and above {@code thread} and {@code policy}; threads come from {@code thread}, all waiting from {@code time}.
 *
 * <h2>The owner</h2>
 *
 * <p>Each root has one {@code Owner}: a queue of commands, applied one after another. All state of the tree belongs to it,
 * so nothing in here has a lock (but for {@code TreeLimits}, which several trees share). The commands are a closed set,
 * {@code Command}: what incarnations say of themselves (entered, ready, judging, ended), timers, turns granted, and what
 * users ask. Each is applied in time that does not depend on the size of the tree, apart from starting or stopping a whole
 * supervisor. The owner runs wherever its executor runs it; on a {@code ManualTime} that is the thread that submits, so a
 * test that moves the time finds done what was due. An incarnation that may be followed by the next one at once is the
 * owner itself when it ends, for that moment: so its thread can go on ({@code OneThread}). Where its end concerns nobody but
 * its child, that moment is no longer the owner's but that child's: several may have theirs at the same time, while there is
 * no owner. Commands submitted by a command come after it, never inside it.
 *
 * <p>Code of the user's never runs on the owner: a worker runs on the thread of its incarnation, which also asks the
 * failure classifier before it reports its end; backoff policies are asked when the tree is built ({@code Plan},
 * {@code Delays}); stop callbacks, listeners and the completion of stages run on the tree's executor; the root action on a
 * thread of its own.
 *
 * <h2>State</h2>
 *
 * <p>A child's states stand in {@code ChildState}, an incarnation's in {@code Incarnation}, a supervisor's in
 * {@code SupervisorNode}. A child has at most one incarnation that is not abandoned ({@code WorkerNode}), and none begins
 * while an older one is alive. Timers carry the number of their arming, incarnations are compared by identity, so what
 * comes too late changes nothing. What failures lead to is the same for workers and supervisors and stands in
 * {@code Node}; who is restarted with whom, in {@code SupervisorNode}; a start that somebody waits for, in
 * {@code StartWatch}.
 *
 * <h2>What is published, and how</h2>
 *
 * <p>Each node publishes its own state as one immutable value ({@code Node.View}); a snapshot or stop report is put
 * together from those by whoever wants it, without a word to the owner. Events go through a bounded queue and may be
 * dropped, which is counted; how a child ended and how an operation went is told by stages, which are not.
 */
@NullMarked
package io.grip.supervisor.tree;

import org.jspecify.annotations.NullMarked;
