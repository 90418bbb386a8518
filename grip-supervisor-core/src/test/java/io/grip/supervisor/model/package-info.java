/** The engine beside a model of its rules, over random scripts: see {@code EngineModel}. */
package io.grip.supervisor.model;
