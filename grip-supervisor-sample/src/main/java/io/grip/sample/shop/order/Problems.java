package io.grip.sample.shop.order;

import io.grip.sample.shop.payment.RateUnavailable;
import io.grip.sample.shop.payment.UnknownCurrency;
import io.grip.supervisor.execution.SupervisionException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.validation.FieldError;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;

/** Says in the answer what was wrong with the request, as RFC 9457 has it. */
@RestControllerAdvice
class Problems extends ResponseEntityExceptionHandler {

    @ExceptionHandler
    ProblemDetail unknown(UnknownOrder unknown) {
        return problem(HttpStatus.NOT_FOUND, unknown);
    }

    @ExceptionHandler({UnknownProduct.class, UnknownCurrency.class})
    ProblemDetail notSold(RuntimeException unknown) {
        return problem(HttpStatus.UNPROCESSABLE_CONTENT, unknown);
    }

    @ExceptionHandler
    ProblemDetail outOfStock(OutOfStock outOfStock) {
        return problem(HttpStatus.CONFLICT, outOfStock);
    }

    @ExceptionHandler({RateUnavailable.class, SupervisionException.class})
    ProblemDetail tryAgain(RuntimeException unavailable) {
        return problem(HttpStatus.SERVICE_UNAVAILABLE, unavailable);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleMethodArgumentNotValid(
            MethodArgumentNotValidException invalid, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        Map<String, @Nullable String> errors = new LinkedHashMap<>();
        for (FieldError error : invalid.getFieldErrors()) {
            errors.put(error.getField(), error.getDefaultMessage());
        }
        invalid.getBody().setDetail("Not valid: " + String.join(", ", errors.keySet()));
        invalid.getBody().setProperty("errors", errors);
        return handleExceptionInternal(invalid, invalid.getBody(), headers, status, request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHandlerMethodValidationException(
            HandlerMethodValidationException invalid, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        invalid.getBody()
                .setDetail(invalid.getParameterValidationResults().stream()
                        .map(it -> it.getMethodParameter().getParameterName() + " "
                                + it.getResolvableErrors().get(0).getDefaultMessage())
                        .collect(Collectors.joining(", ", "Not valid: ", "")));
        return handleExceptionInternal(invalid, invalid.getBody(), headers, status, request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException unreadable,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        ProblemDetail body = ProblemDetail.forStatusAndDetail(status, whatIsUnreadable(unreadable));
        return handleExceptionInternal(unreadable, body, headers, status, request);
    }

    private static String whatIsUnreadable(HttpMessageNotReadableException unreadable) {
        if (unreadable.getCause() instanceof DatabindException wrong
                && !wrong.getPath().isEmpty()) {
            String field = wrong.getPath().stream()
                    .map(JacksonException.Reference::getPropertyName)
                    .collect(Collectors.joining("."));
            return "Not understood: " + field;
        }
        return "The body is not an order in JSON";
    }

    private static ProblemDetail problem(HttpStatus status, RuntimeException cause) {
        return ProblemDetail.forStatusAndDetail(status, cause.getMessage());
    }
}
